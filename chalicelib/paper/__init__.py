"""What people print or open elsewhere: PDF and CSV, made from plain values."""
