"""What an alert is to be explained from, read from the topics."""

from collections.abc import Iterable, Iterator

from backoffice.explaining.case import Case, tells_settings
from backoffice.rebuilding.folding import in_turn
from consumers.partition import Partitions, Stood
from processors.causing import Cause, cause_of
from processors.processor import Processor
from processors.records import Record
from schemas.alerts import Alert
from schemas.codec import Decoder, Unreadable
from schemas.commands import AlertsPosted
from schemas.envelope import Evidence
from schemas.signals import ConditionFired, fingerprint
from schemas.topics import Space


class Unexplained(Exception):
    """The log does not hold what would explain the alert; the message says what is missing."""


def gather(log: Partitions, space: Space, processors: Iterable[Processor], alert: Alert) -> Case:
    """The signal that fired the alert last, and the history of its subject. Raises Unexplained, Unreachable."""
    if alert.subject.startswith(f"{AlertsPosted.kind}/"):
        raise Unexplained(f"It was raised by {alert.subject} and not by a rule; its story is all there is.")
    signal, cause = _signal(log, space, alert)
    by_name = {p.name: p for p in processors}
    if (processor := by_name.get(cause.processor)) is None:
        raise Unexplained(f"It was said by {cause.processor}, which is not installed here.")
    history = tuple(_history(log, space, processor, cause, signal.about.subject.encode()))
    if not history or history[-1].offset != cause.offset:
        raise Unexplained(
            f"{processor.inbox}/{cause.partition} does not hold record {cause.offset}, which let it fire."
        )
    return Case(processor, cause.partition, signal, history)


def begins(log: Partitions, space: Space, case: Case) -> int:
    """The first offset that the log of the case's lane still has."""
    return log.beginning(space.topic(case.processor.inbox), case.partition)


def fetched(log: Partitions, space: Space, named: Evidence) -> Stood | None:
    """The record that evidence names, if it is there."""
    return log.record(space.topic(named.topic), named.partition, named.offset)


def _signal(log: Partitions, space: Space, alert: Alert) -> tuple[ConditionFired, Cause]:
    decoder, found = Decoder((ConditionFired,)), None
    rule = alert.rule.encode()
    for batch in log.read(space.topic("alerting"), 0):
        for record in batch:
            value = record.value or b""
            if ConditionFired.type.encode() in value and rule in value and (cause := cause_of(value)) is not None:
                said = _read(decoder, record)
                if said is not None and fingerprint(said.rule, said.about.subject, said.identity) == alert.fingerprint:
                    found = said, cause
    if found is None:
        raise Unexplained(f"No rule has said on {space.topic('alerting')} that {alert.rule} holds for {alert.subject}.")
    return found


def _read(decoder: Decoder, record: Stood) -> ConditionFired | None:
    try:
        event = decoder.decode(record.value, record.headers)
    except Unreadable:
        return None
    return event if isinstance(event, ConditionFired) else None


def _history(log: Partitions, space: Space, processor: Processor, cause: Cause, key: bytes) -> Iterator[Record]:
    """What the key heard, and settings, in the order in which the lane applied them, up to the cause."""
    clock = 0
    for record in in_turn(_records(log, space, processor, cause), space.replay):
        clock = max(clock, record.timestamp)
        last = record.offset == cause.offset
        if last or record.key == key or tells_settings(record):
            yield record._replace(timestamp=clock)
        if last:
            return


def _records(log: Partitions, space: Space, processor: Processor, cause: Cause) -> Iterator[Record]:
    """Of a live space up to the cause; of a replay space also what its slice's tick comes after."""
    end = None if space.replay else cause.offset + 1
    for batch in log.read(space.topic(processor.inbox), cause.partition, end=end):
        for r in batch:
            yield Record(processor.inbox, r.partition, r.offset, r.timestamp, r.key, r.value, r.headers)
