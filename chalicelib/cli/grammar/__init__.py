"""The command line: which commands there are, and what they take."""
