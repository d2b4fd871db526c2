"""What alerting remembers: alerts by fingerprint, the groups they are told in, silences, and links between subjects."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from processors.alerting.dedup import Known
from processors.alerting.index import Node
from processors.alerting.roster import Page, Roster
from processors.alerting.settings import AlertingSettings, Priority
from processors.matchers import Matcher
from processors.rows import Rows
from processors.step import State
from schemas.alerts import Alert, Group, Note
from schemas.envelope import Evidence
from schemas.notices import NoticeReason
from schemas.oncall import Absence, GivenSchedule, Override


@dataclass(frozen=True, slots=True)
class Place:
    """A group that tells of an alert, and the page of it that the alert is on."""

    group: str
    page: int
    left: bool = False
    """True: it is no member any more, but the page still says what the last notice said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert: all that its Alert event says, and what to do next about it."""

    rule: str
    rule_version: int = 1
    subject: str
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    """When it ended; None while it fires."""
    due: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    generator_url: str = ""
    posted_until: datetime | None = None
    """Of one that was posted: when it ends unless it is posted again. None: it is a condition of a rule of ours."""
    posted_timeout: bool = False
    """Whether that end is only assumed."""
    places: tuple[Place, ...] = ()
    suppressed_by: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    assigned_to: tuple[str, ...] = ()
    priority: Priority = "P3"
    """As it was when the alert began, or its labels changed."""
    snoozed_until: datetime | None = None
    merged_into: str | None = None
    notes: tuple[Note, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_until: datetime | None = None
    escalation_step: int = 0
    held: bool = False
    """Resolved by hand while the condition still holds: it says nothing until it has ended and begun again."""

    @property
    def firing(self) -> bool:
        return self.ends_at is None

    @property
    def posted(self) -> bool:
        return self.posted_until is not None

    def fires_at(self, at: datetime) -> bool:
        """As `firing`, also where nobody has noticed yet that a posted alert has ended."""
        return self.ends_at is None and (self.posted_until is None or self.posted_until > at)

    @property
    def held_back(self) -> bool:
        """Whether nobody may hear that it fires: another alert explains it, or somebody snoozed it."""
        return bool(self.suppressed_by) or self.snoozed_until is not None

    @property
    def wants_somebody(self) -> bool:
        """Whether the clock of escalation runs for it."""
        return self.firing and not self.held_back and self.acknowledged_by is None

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is a member of."""
        return tuple([place.group for place in self.places if not place.left])

    def event(self, fingerprint: str) -> Alert:
        """The alert as consumers see it. What it does not say is left to the defaults: most alerts say little."""
        said = {name: value for name in _SAID_BY_SOME if (value := getattr(self, name))}
        if self.suppressed_by:
            said["suppressed"] = True
        return Alert(
            fingerprint=fingerprint,
            status="firing" if self.ends_at is None else "resolved",
            rule=self.rule,
            rule_version=self.rule_version,
            subject=self.subject,
            labels=self.labels,
            annotations=self.annotations,
            starts_at=self.starts_at,
            groups=self.groups,
            receivers=self.told,
            delivery_failed=self.undelivered,
            priority=self.priority,
            settings=self.settings,  # said in any case: pydantic copies a default deeply
            **said,
        )


_SAID_BY_SOME = (
    "suppressed_by",
    "ends_at",
    "due",
    "generator_url",
    "assigned_to",
    "snoozed_until",
    "merged_into",
    "notes",
    "acknowledged_by",
    "acknowledged_at",
    "acknowledged_until",
    "escalation_step",
    "evidence",
)
"""Fields of an alert that its event has under the same name."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many alerts of a group fire, have ended since it was looked at, and want somebody."""

    firing: int = 0
    ended: int = 0
    wanting: int = 0

    @property
    def members(self) -> int:
        return self.firing + self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """When a group was looked at, when it will be, and what there is to find."""

    last_at: datetime | None = None
    """None: it is new, and its first notice waits for more alerts."""
    next_at: datetime | None = None
    news: bool = False
    """Whether an alert has begun or ended since."""
    special: NoticeReason | None = None
    """A reason of ours to tell all who know of it."""
    silent: bool = False
    """Whether something was held back, silenced or inhibited at the last look."""
    closed: bool = False
    """Whether the route told nobody at that time of the week."""
    noise: int = 0
    """`Alerting.noise` at the last look."""
    ends_from: datetime | None = None
    """No posted alert of it ends before."""


@dataclass(frozen=True, slots=True)
class Climb:
    """How far a group has climbed by its policy.

    `position` counts on over repeats, `number` is the policy's step there; both 0: only the first receiver knows.
    `targets` are the receivers told at that position: when one of them cannot be reached, the next are told.
    """

    position: int = 0
    number: int = 0
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group: alerts that one route tells of together."""

    route: str
    """The key of its route."""
    receiver: str
    labels: dict[str, str]
    policy: str | None = None
    roster: Roster = field(default_factory=Roster)
    count: Count = field(default_factory=Count)
    look: Look = field(default_factory=Look)
    known: Known = field(default_factory=Known)
    climb: Climb = field(default_factory=Climb)
    told: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()

    def counting(self, count: Count, look: Look, climb: Climb) -> "GroupRow":
        """With these. As `dataclasses.replace`, at a third of its cost: every alert that comes is counted."""
        return GroupRow(
            route=self.route,
            receiver=self.receiver,
            labels=self.labels,
            policy=self.policy,
            roster=self.roster,
            count=count,
            look=look,
            known=self.known,
            climb=climb,
            told=self.told,
            undelivered=self.undelivered,
        )

    def event(self, group: str, key: str, escalates_at: datetime | None) -> Group:
        """The group as consumers see it."""
        return Group(
            group=group,
            key=key,
            receiver=self.receiver,
            labels=self.labels,
            firing=self.count.firing,
            resolved=self.count.ended,
            notified_at=self.known.at,
            next_at=self.look.next_at,
            policy=self.policy,
            escalation_step=self.climb.number,
            escalates_at=escalates_at,
            told=self.told,
            delivery_failed=self.undelivered,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRow:
    """One silence, as its Silence event says it."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Alerting(State):
    """The whole office's alerts. Every entry below is a row of its own."""

    alerts: Rows[AlertRow] = field(default_factory=Rows)
    """By fingerprint: the firing, those resolved by hand, and for some days the resolved."""
    groups: Rows[GroupRow] = field(default_factory=Rows)
    """By identity: those that have alerts, and for some days those whose last notice said more than has ended."""
    pages: Rows[Page] = field(default_factory=Rows)
    """The alerts of each group, `<group>/<page>`."""
    firing_alerts: Rows[Node] = field(default_factory=Rows)
    """An index: the fingerprints that fire for a subject, and for a rule on a subject."""
    links: Rows[Node] = field(default_factory=Rows)
    """An index: what explains a subject's alerts, which subjects a condition explains, what is merged into what."""
    silences: Rows[SilenceRow] = field(default_factory=Rows)
    """By identity: the pending, the active, and for some days the expired."""
    sources: Rows[Node] = field(default_factory=Rows)
    """An index: the fingerprints that fire on the source side of an inhibition, by its equal labels."""
    standing_silences: tuple[str, ...] = ()
    """Those that have not ended."""
    noise: int = 0
    """Counts what may change who is silenced or inhibited."""
    sorted_under: str = ""
    """A hash of the routes and inhibitions under which the groups and sources were found."""
    pending: tuple[str, ...] = ()
    """Groups to be looked at before the step is over; none between steps."""
    schedules: Rows[GivenSchedule] = field(default_factory=Rows)
    """On-call schedules that were given by command, by name."""
    overrides: Rows[Override] = field(default_factory=Rows)
    """Overrides of on-call schedules that were given by command, by id; until some days after their end."""
    substitutes: Rows[Node] = field(default_factory=Rows)
    """An index: the overrides of a schedule."""
    absences: Rows[Absence] = field(default_factory=Rows)
    """By employee: their leave, as HR tells it."""
    settings: AlertingSettings = field(default=AlertingSettings())
