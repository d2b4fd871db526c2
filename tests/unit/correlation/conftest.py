"""Every story that is told here is also one of evidence: whatever fires in an office is given again by what it names."""

from tests.evidence import explained

__all__ = ["explained"]
