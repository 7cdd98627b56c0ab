"""The command line: every command is one function here."""
