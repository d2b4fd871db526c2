"""Reports: figures over the archive for executives and managers, and the records that each of them counts."""
