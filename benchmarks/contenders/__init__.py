"""The contenders: each module here is a process of its own, given a job (`benchmarks/job.py`) as JSON."""
