"""What stands, as pages show it: computed once for all of them whenever something has changed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from consumers.api.service import Service
from consumers.api.standing import Held, Standing
from consumers.api.suppression import Status, Suppression
from schemas.alerts import Alert
from schemas.signals import SEVERITIES

State = Literal["firing", "acknowledged", "snoozed", "silenced", "suppressed", "resolved"]
STATES: tuple[State, ...] = ("firing", "acknowledged", "snoozed", "silenced", "suppressed", "resolved")

BUCKET = timedelta(minutes=15)
BUCKETS = 48
"""Twelve hours of a timeline."""


@dataclass(frozen=True, slots=True)
class Row:
    """One alert as it stands. `status`: why it tells nobody."""

    alert: Alert
    state: State
    status: Status
    updated_at: datetime

    @property
    def severity(self) -> str:
        said = self.alert.labels.get("severity", "info")
        return said if said in SEVERITIES else "info"

    @property
    def department(self) -> str:
        return self.alert.labels.get("department", "")

    @property
    def summary(self) -> str:
        return self.alert.annotations.get("summary") or self.alert.labels.get("alertname", self.alert.rule)

    @property
    def holders(self) -> tuple[str, ...]:
        """Who has it: who took it, else whom it was assigned to."""
        return (self.alert.acknowledged_by,) if self.alert.acknowledged_by else self.alert.assigned_to


@dataclass(frozen=True, slots=True)
class Tile:
    """A department at a glance. `open_`: alerts that fire, by severity; `unacknowledged_since`: of the oldest."""

    open_: Mapping[str, int]
    unacknowledged_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """All of it at one instant. `rows`: those that fire, the worst first, then those that have ended, the latest first.

    `began`: for each bucket of the timeline, oldest first, when it begins and how many alerts began in it by severity.
    `wrong`: why what is shown may be old.
    """

    at: datetime
    rows: tuple[Row, ...] = ()
    tiles: tuple[tuple[str, Tile], ...] = ()
    began: tuple[tuple[datetime, Counter[str]], ...] = ()
    wrong: str | None = None

    @property
    def firing(self) -> int:
        return sum(row.state != "resolved" for row in self.rows)

    def row(self, fingerprint: str) -> Row | None:
        return next((row for row in self.rows if row.alert.fingerprint == fingerprint), None)


def board(service: Service, departments: Sequence[str]) -> Board:
    """As it stands now."""
    at = service.now()
    with service.view.reading() as standing:
        rows = list(_rows(standing, service, at))
    rows.sort(key=_worst_first)
    return Board(at, tuple(rows), tuple(_tiles(rows, departments)), tuple(_began(rows, at)), service.view.not_ready)


def _rows(standing: Standing, service: Service, at: datetime) -> Iterator[Row]:
    suppression = Suppression(standing, service.rules, at)
    for held in standing.alerts.values():
        status = suppression.of(held.event) if held.event.status == "firing" else Status()
        yield Row(held.event, state_of(held, status), status, held.updated_at)


def state_of(held: Held[Alert], status: Status) -> State:
    """In one word how it stands."""
    if held.event.status == "resolved":
        return "resolved"
    if status.silenced_by:
        return "silenced"
    if status.inhibited_by:
        return "suppressed"
    if "snoozed" in status.muted_by:
        return "snoozed"
    return "acknowledged" if held.event.acknowledged_by else "firing"


def _worst_first(row: Row) -> tuple[int, int, int, float]:
    """What nobody has, before what somebody has, before what tells nobody, before what is over."""
    if row.state == "resolved":
        return (3, 0, 0, -row.updated_at.timestamp())
    rank = 0 if row.state == "firing" else 1 if row.state == "acknowledged" else 2
    return (rank, SEVERITIES.index(row.severity), int(row.alert.priority[1:]), row.alert.starts_at.timestamp())


def _tiles(rows: Iterable[Row], departments: Sequence[str]) -> Iterator[tuple[str, Tile]]:
    open_: dict[str, Counter[str]] = {name: Counter() for name in departments}
    oldest: dict[str, datetime] = {}
    for row in rows:
        if row.state in ("resolved", "suppressed"):
            continue
        open_.setdefault(row.department, Counter())[row.severity] += 1
        if row.state == "firing":
            oldest[row.department] = min(oldest.get(row.department, row.alert.starts_at), row.alert.starts_at)
    for name, counts in open_.items():
        yield name, Tile(counts, oldest.get(name))


def _began(rows: Iterable[Row], at: datetime) -> Iterator[tuple[datetime, Counter[str]]]:
    end = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + BUCKET
    start = end - BUCKETS * BUCKET
    counts: list[Counter[str]] = [Counter() for _ in range(BUCKETS)]
    for row in rows:
        if start <= row.alert.starts_at < end:
            counts[(row.alert.starts_at - start) // BUCKET][row.severity] += 1
    for n, count in enumerate(counts):
        yield start + n * BUCKET, count
