"""A company that does not exist, run through the real loop."""
