"""Everything known of one thing: its state, its events, its alerts; what is private only to those who may see it."""
