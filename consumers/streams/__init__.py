"""Watching one topic or several: from a time or a place on, filtered, sampled where there is more than people read."""
