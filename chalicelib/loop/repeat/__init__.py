"""Step 7, repeat: ask the customer, verify by what the customer does later, review the cycle, start again."""
