"""回声: the voice-of-customer feedback loop. `loop` is the product; the rest serves it."""
