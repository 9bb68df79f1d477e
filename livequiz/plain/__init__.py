"""Taking part line by line: for screen readers, pipes, and terminals without a cursor."""
