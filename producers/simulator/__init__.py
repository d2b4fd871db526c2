"""A seeded office that lives through days, plants known problems, and knows which alerts must follow."""
