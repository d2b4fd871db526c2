"""Every story that is told here is one of evidence, too: whatever fires is given again by what it names."""

from tests.evidence import explained

__all__ = ["explained"]
