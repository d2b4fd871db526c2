"""This program beside its peers: the same job, the same broker, the same events. `python -m benchmarks`."""
