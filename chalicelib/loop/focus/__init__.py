"""Step 3, focus: causes, not symptoms; resources go where customers pay most."""
