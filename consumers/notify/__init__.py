"""The notifier: delivers notices to receivers through their channels, and says on the log what came of it."""
