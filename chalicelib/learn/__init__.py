"""Training of taggers, with scikit-learn and outside the request path; what it makes, chalicelib.nlp runs."""
