"""Step 5, coordinate: departments work on one case at the same time. There is no hand-over."""
