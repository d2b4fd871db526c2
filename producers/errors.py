"""Why an event was not sent, said for the person who sent it."""

from collections.abc import Sequence


class NotSent(Exception):
    """An event that is not, or not known to be, on the log."""


class Refused(NotSent):
    """This event will never be taken as it is: too large, misaddressed, unknown topic, not allowed.

    It is not on the log, and sending others goes on.
    """


class Unconfirmed(NotSent):
    """The broker did not confirm in time. The event may or may not be on the log.

    Sending it again with the same `source` and `id` is safe: a second one is a duplicate and changes nothing.
    """


class BrokerAway(NotSent):
    """No broker answers at the address given."""


class BufferFull(NotSent):
    """Too much waits for the broker's confirmation, and went on waiting for as long as `send` may block."""


class Undelivered(NotSent):
    """What flush and the end of a `with Client(...)` raise: events sent since the last flush that did not arrive.

    `problems` holds one error an event, in the order in which they became known.
    """

    def __init__(self, problems: Sequence[NotSent]) -> None:
        self.problems = tuple(problems)
        shown = "".join(f"\n  - {problem}" for problem in self.problems[:5])
        more = f"\n  - and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        super().__init__(f"{len(self.problems)} event(s) were not delivered:{shown}{more}")
