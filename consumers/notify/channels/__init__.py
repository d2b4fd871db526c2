"""Channels: the ways in which a receiver can be reached, one file each."""
