"""Output of commands: data on stdout, messages on stderr, user input never as markup."""
