"""Step 1, listen: take in every contact, once, with personal data masked before anything else reads it."""
