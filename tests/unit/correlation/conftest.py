"""Whatever fires in a story told here names what it rests on, and what ends names what ended it."""

from tests.evidence import ended, explained, offices

__all__ = ["ended", "explained", "offices"]
