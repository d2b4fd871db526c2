"""The engine: Faust hosts, the data plane is batched and transactional. The only place that knows Faust."""
