"""Outside world to topics: the client that sends, importers of what others recorded, the simulated office."""
