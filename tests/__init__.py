"""The suites: unit (no broker), contract, kafka (a real broker)."""
