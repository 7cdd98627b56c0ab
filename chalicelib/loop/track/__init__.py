"""Step 6, track: trends, never one score or a comparison of two weeks."""
