"""What every channel does: deliver one notice, or say why not and whether to try again."""

from typing import Protocol

from schemas.notices import Notice


class DeliveryError(Exception):
    """A notice was not delivered. The text is for operators and names no secret."""


class Transient(DeliveryError):
    """Worth another try. `retry_after`: seconds the other side asked us to wait."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Final(DeliveryError):
    """Trying again cannot help: the other side understood and refused."""


class NotTried(Final):
    """The other side has failed too often just before to be asked now."""


class Channel(Protocol):
    """One opened channel of one receiver. Used by one thread at a time."""

    kind: str
    per_group: bool
    """True: the other side keeps an incident for each group, so notices of several groups never come as one."""

    def deliver(self, notice: Notice) -> None:
        """Delivers a notice, again if it was delivered before. Raises Transient or Final.

        The other side can recognise a repetition by the notice's id (`notice.about.id`).
        """

    def close(self) -> None: ...
