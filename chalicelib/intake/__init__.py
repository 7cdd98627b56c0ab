"""Files from outside: read, mapped, refused row by row."""
