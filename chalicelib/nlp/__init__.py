"""Reading Chinese contacts: masked text in, causes with evidence out."""
