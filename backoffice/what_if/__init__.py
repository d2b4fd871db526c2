"""What alerts there would have been under other settings, or by other code: the line folded again from the log."""
