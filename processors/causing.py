"""What one record causes: outputs with ids that are the same for the same log, whatever crashed in between."""

from collections.abc import Iterable
from datetime import datetime

from processors.records import Output, Record
from processors.step import Emission
from schemas.codec import HEADERS, encode
from schemas.envelope import About


class Causing:
    """Numbers what a record causes, deadlines that it lets pass among it, and makes it into records to send."""

    def __init__(self, processor: str, record: Record) -> None:
        self._source = f"/backoffice/processors/{processor}"
        self._prefix = f"{record.partition}-{record.offset}-"
        self._n = 0

    def about(self, subject: str, at: datetime, cause: About | None = None) -> About:
        """The envelope of the next thing caused; with `cause`, what that carried along goes on."""
        self._n += 1
        about = (f"{self._prefix}{self._n}", self._source, subject, at, None)
        return About(*about, cause.id, cause.correlationid, cause.traceparent) if cause else About(*about)

    def outputs(self, emissions: Iterable[Emission], cause: About, at: datetime) -> list[Output]:
        """What a step emits, each to the topic of its event, keyed by its subject, with the time of its cause."""
        return [
            Output(e.event.topic, e.subject.encode(), encode(e.event, self.about(e.subject, at, cause)), HEADERS, at)
            for e in emissions
        ]
