"""Attributed silence: nothing came of a stream that is expected every business day, and why."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings, Silence
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import StreamHeard, StreamInterrupted
from schemas.processing import DeadlinePassed
from schemas.signals import LinkMade, LinkWithdrawn

STREAM_SILENT = Rule(
    "correlation.stream_silent",
    "warning",
    "nothing came of an expected stream of events by its time on a business day; linked to the outage of the service "
    "it comes through, if there was one",
    "something comes, or it is not expected any more",
    settings=("silences", "calendar"),
)
RULES = (STREAM_SILENT,)

CHECK = f"{STREAM_SILENT.name}/check"

EXPLAINING_RULE = "it.outage"


@dataclass(frozen=True, slots=True)
class Interruption:
    """An outage of the service that the stream comes through."""

    service: str
    since: datetime
    until: datetime | None
    revision: int
    record: Evidence | None

    def overlaps(self, begins: datetime, ends: datetime) -> bool:
        return self.since < ends and (self.until is None or self.until > begins)


@dataclass(frozen=True, kw_only=True)
class Stream(State):
    """A stream of events of one type. It is watched from the first one on."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    heard_at: datetime | None = None
    record: Evidence | None = None
    silent_on: date | None = None
    """The first business day of the silence that goes on."""
    silent_since: Evidence | None = None
    """What had been heard last when that was found."""
    linked: str | None = None
    """The service whose outage explains it."""
    interruptions: Rows[Interruption] = field(default_factory=Rows)
    """By outage."""

    @property
    def expected(self) -> Silence | None:
        return self.settings.silence(self.id)


def step(state: Stream, event: Event, at: datetime) -> Step[Stream]:
    """The stream flows, what it comes through was down, or the day's hour has come."""
    match event:
        case StreamHeard():
            later = state.heard_at is None or event.at > state.heard_at
            heard = state.evolve(heard_at=event.at, record=event.record) if later else state
            return _waits(_judged(Step(heard), event, at), at)
        case StreamInterrupted():
            return _interrupted(state, event, at)
        case DeadlinePassed():
            return _waits(_checked(state, event, at), at)
    return Step(state)


def _interrupted(stream: Stream, event: StreamInterrupted, at: datetime) -> Step[Stream]:
    known = stream.interruptions.get(event.outage)
    if known is not None and known.revision >= event.revision:
        return Step(stream)
    row = Interruption(event.service, event.since, event.until, event.revision, event.record)
    memory = timedelta(days=stream.settings.outage_memory_days)
    forget = None if event.until is None else after(max(event.until, at), memory)
    return _judged(Step(stream.evolve(interruptions=stream.interruptions.put(event.outage, row, forget))), event, at)


def _waits(now: Step[Stream], at: datetime) -> Step[Stream]:
    """For the hour of the next business day whose hour has not come yet."""
    stream, expected = now.state, now.state.expected
    if expected is None:
        return now.awaits(CHECK, None)
    days = stream.settings.days
    day = days.add_business_days(days.local_date(at), 0)
    due = days.at(day, expected.by)
    if due <= at:
        due = days.at(days.add_business_days(day, 1), expected.by)
    return now.awaits(CHECK, due if due > at else None)


def _checked(stream: Stream, event: DeadlinePassed, at: datetime) -> Step[Stream]:
    days = stream.settings.days
    day = days.local_date(event.due)
    silent = stream.expected is not None and days.is_business_day(day) and not _heard_since(stream, day)
    if silent and stream.silent_on is None:
        stream = stream.evolve(silent_on=day, silent_since=stream.record)
    return _judged(Step(stream), event, at)


def _heard_since(stream: Stream, day: date) -> bool:
    return stream.heard_at is not None and stream.settings.days.local_date(stream.heard_at) >= day


def _judged(now: Step[Stream], event: Event, at: datetime) -> Step[Stream]:
    """The alert, and its link, as they must be with what is known now."""
    stream = now.state
    day, expected = stream.silent_on, stream.expected
    if day is None:
        return now
    if expected is None or _heard_since(stream, day):
        because = "it is not expected any more" if expected is None else "it is heard again"
        return _linked(now.evolve(silent_on=None), None).resolves(STREAM_SILENT, at, because, by=[event])
    outage = _explanation(stream, day, expected)
    name, interruption = outage if outage else ("", None)
    why = f"{interruption.service} was down ({name})" if interruption else "nothing explains it"
    records = [interruption.record if interruption else None, stream.silent_since]
    now = _linked(now, interruption.service if interruption else None)
    return now.fires(
        STREAM_SILENT,
        at,
        f"No {stream.id} came by {expected.by} on {day}: {why}",
        because=[record for record in records if record],
        due=event.due if isinstance(event, DeadlinePassed) else None,
    )


def _explanation(stream: Stream, day: date, expected: Silence) -> tuple[str, Interruption] | None:
    """The first outage, if any, between the beginning of the day and its hour."""
    days = stream.settings.days
    begins, ends = days.at(day, "00:00"), days.at(day, expected.by)
    found = [
        (name, outage)
        for name, outage in stream.interruptions.items()
        if outage.service == expected.service
        and outage.since < ends
        and (outage.until is None or outage.until > begins)
    ]
    return min(found, key=lambda each: (each[1].since, each[0]), default=None)


def _linked(now: Step[Stream], service: str | None) -> Step[Stream]:
    """The alert is explained by this service's outage from here on, or by none."""
    stream = now.state
    if service == stream.linked:
        return now
    if stream.linked is not None:
        by = f"service/{stream.linked}"
        now = now.emits(stream.key, LinkWithdrawn(explained=stream.key, explained_by=by, rule=EXPLAINING_RULE))
    if service is not None:
        because = f"{stream.id} comes through {service}, which was down"
        link = LinkMade(explained=stream.key, explained_by=f"service/{service}", rule=EXPLAINING_RULE, because=because)
        now = now.emits(stream.key, link)
    return now.evolve(linked=service)
