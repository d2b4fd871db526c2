"""Alerting: who has to know of which condition, and what happens when nobody answers. Pure, like every rule."""

from processors.alerting.settings import AlertingSettings
from processors.alerting.state import Alerting
from processors.alerting.step import step
from processors.processor import Aggregate, Processor
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertsPosted,
    AlertUnacknowledge,
    SilenceExpire,
    SilenceSet,
)
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.oncall import OverrideRemove, OverrideSet, PersonAway, PersonBack, ScheduleRemove, ScheduleSet
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn

alerting = Processor(
    name="alerting",
    inbox="alerting",
    events=(
        ConditionFired,
        ConditionResolved,
        AlertsPosted,
        LinkMade,
        LinkWithdrawn,
        AlertAcknowledge,
        AlertUnacknowledge,
        AlertAssign,
        AlertResolve,
        AlertSnooze,
        AlertNote,
        AlertMerge,
        SilenceSet,
        SilenceExpire,
        NoticeDelivered,
        NoticeFailed,
        OverrideSet,
        OverrideRemove,
        PersonAway,
        PersonBack,
        ScheduleSet,
        ScheduleRemove,
    ),
    aggregates={"office": Aggregate(Alerting, step)},
    settings=AlertingSettings,
    single=True,
)
"""One partition, one key: alerts of all departments meet here."""
