"""The rules as the console shows them: what their code says, what they come to here, and how they fare."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from consumers.api.errors import Problem
from consumers.api.ports import Said
from consumers.api.service import Service
from consumers.console.signing_in.people import Person
from schemas.alerts import Alert
from schemas.audit import AlertJudged

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Setting(NamedTuple):
    """A threshold in force. `where`: the matchers of an override, empty for everywhere else."""

    name: str
    where: str
    value: str
    meaning: str


class RuleText(NamedTuple):
    """A rule, as its code says it. `settings_of`: under whose settings in the configuration it stands."""

    name: str
    version: int
    department: str
    severity: str
    fires: str
    resolves: str
    one_alert_per: tuple[str, ...]
    note: str
    settings_of: str
    settings: tuple[Setting, ...]


class RuleBook(Protocol):
    """All rules there are."""

    @property
    def rules(self) -> Sequence[RuleText]:
        """By department and name."""
        ...


class Tally(NamedTuple):
    """How often a rule has fired, of the alerts that are remembered."""

    firing: int = 0
    day: int = 0
    week: int = 0
    known: int = 0


def tallies(alerts: Iterable[Alert], now: datetime) -> Mapping[str, Tally]:
    """Of each rule that has an alert. A tally counts alerts by when they began."""
    counts: Counter[tuple[str, str]] = Counter()
    for alert in alerts:
        age = now - alert.starts_at
        for kind, holds in (
            ("firing", alert.status == "firing"),
            ("day", age <= DAY),
            ("week", age <= WEEK),
            ("known", True),
        ):
            counts[alert.rule, kind] += holds
    return {rule: Tally(*(counts[rule, kind] for kind in Tally._fields)) for rule in {rule for rule, _ in counts}}


def share(false_alarms: int, known: int) -> str:
    """The rate of false alarms among the alerts that are remembered."""
    return f"{min(1.0, false_alarms / known):.0%}" if known and false_alarms else ""


def judge(service: Service, who: Person, fingerprint: str, note: str, *, false_alarm: bool) -> None:
    """Puts on the log what somebody says of an alert. Raises Problem, NotWritten."""
    with service.view.reading() as standing:
        held = standing.alerts.get(fingerprint)
    if held is None:
        raise Problem(f"there is no alert {fingerprint!r}", 404)
    said = AlertJudged(by=who.name, rule=held.event.rule, false_alarm=false_alarm, note=note.strip())
    service.outbox.write([Said(said, f"alert/{fingerprint}")])
