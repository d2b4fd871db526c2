"""The route tree: which alerts go to whom, and which are told together."""

from collections import Counter

from pydantic import ConfigDict, Field, field_validator

from processors.alerting.settings.names import Duration, Name, ReceiverName
from processors.matchers import MatcherText
from schemas.settings import Settings

ALL_LABELS = "..."
"""In `group_by`: every label, so that each alert is told by itself."""


class Route(Settings):
    """One node of the route tree, in Alertmanager's syntax.

    The root takes every alert. The first child whose matchers all hold takes it from its parent, and
    later ones only get a look at it when that child says `continue`. What a route does not say, it
    inherits from its parent.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    receiver: ReceiverName | None = None
    """Who is told first; the parent's when not given."""
    matchers: tuple[MatcherText, ...] = ()
    """Conditions on labels, all of which must hold, such as `department="hr"`."""
    continue_: bool = Field(default=False, alias="continue")
    """True: later routes beside this one may match as well."""
    group_by: tuple[str, ...] | None = None
    """Labels whose values alerts must share to be told together; `...` stands for all labels, so that each alert is
    told by itself. The parent's when not given."""
    group_wait: Duration | None = None
    """How long the first notice of a group waits for more alerts. The parent's when not given."""
    group_interval: Duration | None = None
    """How long after a group was looked at it is looked at again. The parent's when not given."""
    repeat_interval: Duration | None = None
    """After which a group that has not changed is told again. The parent's when not given."""
    mute_time_intervals: tuple[str, ...] = ()
    """Time intervals, by name, in which nobody is told. Not inherited."""
    active_time_intervals: tuple[str, ...] = ()
    """Time intervals, by name, outside of which nobody is told. Not inherited."""
    escalation: Name | None = None
    """The policy by which unacknowledged alerts climb; the parent's when not given, else the receiver's. `none`: they
    do not climb."""
    routes: tuple["Route", ...] = ()
    """Children, tried in order."""

    @field_validator("group_by")
    @classmethod
    def _labels_once(cls, labels: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for label, count in Counter(labels or ()).items():
            if not label:
                raise ValueError("a label has a name (remove the empty one)")
            if count > 1:
                raise ValueError(f"duplicated label {label!r} (write it once)")
        if labels and ALL_LABELS in labels and len(labels) > 1:
            raise ValueError(f"{ALL_LABELS!r} stands for all labels (remove the others, or remove it)")
        return labels


class Receiver(Settings):
    """Somebody who can be told. How they are reached is the notifier's business."""

    name: ReceiverName = Field(examples=["accounting-clerk"])
    """Their name."""
    escalation: Name | None = None
    """The policy for what they do not acknowledge, where no route says anything of it."""
    send_resolved: bool = True
    """Whether they are told that alerts have ended."""
    send_acknowledged: bool = False
    """Whether they are told that somebody has taken all that fires of a group: for pagers, where it would climb on."""
