"""The engine under failure: whatever is killed, cut off or malformed, the oracle finds the fold of the log."""
