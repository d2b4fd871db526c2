"""The archive: what the topics of a space said, in SQL, each record once; and reading it."""
