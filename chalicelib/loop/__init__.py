"""The seven steps: listen, own, focus, measure, coordinate, track, repeat."""
