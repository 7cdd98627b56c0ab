"""HTTP routes: each translates, calls one function of the loop, returns."""
