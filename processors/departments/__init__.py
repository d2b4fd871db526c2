"""The departments' rules: pure, one department a file, or a folder with a file for each of its aggregates."""
