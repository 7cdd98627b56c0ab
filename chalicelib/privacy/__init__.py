"""Personal data: found, masked, and kept apart."""
