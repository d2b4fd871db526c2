"""Topics to people: notices through channels, what the command line and the console read, the archive."""
