"""Contacts as a table for other tools: one row a contact, restricted by role, every handing-out logged."""
