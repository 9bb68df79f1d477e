"""What commands print: data on stdout, messages on stderr, everything a person typed as data."""
