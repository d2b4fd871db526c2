"""The channel of those who want to hear nothing."""

from schemas.notices import Notice


class Nobody:
    """Takes every notice."""

    kind = "nobody"
    per_group = False

    def deliver(self, notice: Notice) -> None:
        """Nobody hears of it, as was asked for."""

    def close(self) -> None:
        """There is nothing open."""
