"""What the program stands on: the broker and its topics."""
