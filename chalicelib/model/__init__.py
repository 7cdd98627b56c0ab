"""The nouns of the loop: plain values that check themselves and know nothing of stores or networks."""
