"""The charge-back ledger: closing months, disputes, and what people see of it."""
