"""What an experienced teacher would say of a question bank."""
