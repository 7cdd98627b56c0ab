"""Everything a store holds in one file of an open format, and back into an empty store of either engine."""
