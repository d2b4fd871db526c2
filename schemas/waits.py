"""What stands beside a group's offset: what a partition waits for, so that a feeder need not tick it for nothing."""

import json
from datetime import datetime
from typing import NamedTuple, Self


class Waits(NamedTuple):
    """`applied`: records done within a slice that is not done. `until`: no deadline passes before; None: none will."""

    applied: int
    until: datetime | None

    def text(self) -> str:
        """As the note of a committed offset, which Kafka calls metadata."""
        return json.dumps({"applied": self.applied, "until": self.until and self.until.isoformat()})

    @classmethod
    def read(cls, note: str) -> Self | None:
        """None: the note was not written by a lane, or by an older one; then nothing is known."""
        try:
            said = json.loads(note)
            return cls(int(said["applied"]), said["until"] and datetime.fromisoformat(said["until"]))
        except (ValueError, TypeError, KeyError):
            return None
