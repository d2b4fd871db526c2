"""Dead letters: reading them, sending them again to where they came from, and discarding them."""
