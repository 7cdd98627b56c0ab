"""Step 4, measure: one shared registry of customer-side metrics, from stored numbers only."""
