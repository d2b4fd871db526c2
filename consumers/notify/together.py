"""Several notices as one: what was held back is told in its latest state, once."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from schemas.envelope import About
from schemas.notices import Notice, NoticeAlert

MOST_ALERTS = 1000
"""Alerts of a notice that stands for several. A channel shows fewer."""

SEVERAL_GROUPS = "{}:{held}"
"""The group key of a notice that tells of several groups."""


def together(notices: Sequence[Notice]) -> Notice:
    """One notice for all, to one receiver, in the order in which they were issued. Of each alert, the latest state.

    Its id is made of theirs: the same notices are the same message again.
    """
    if len(notices) == 1:
        return notices[0]
    last = notices[-1]
    latest: dict[str, NoticeAlert] = {}
    for notice in notices:
        latest |= {alert.fingerprint: alert for alert in notice.alerts}
    alerts = sorted(latest.values(), key=lambda alert: (alert.status == "resolved", sorted(alert.labels.items())))
    firing = sum(alert.status == "firing" for alert in alerts)
    made = last.model_copy(
        update={
            "reason": "held back until now",
            "status": "firing" if firing else "resolved",
            "alerts": tuple(alerts[:MOST_ALERTS]),
            "truncated": _beyond(notices) + max(0, len(alerts) - MOST_ALERTS),
            "common_labels": _common(alert.labels for alert in alerts),
            "common_annotations": _common(alert.annotations for alert in alerts),
            "escalation_step": max(notice.escalation_step for notice in notices),
            "stands_for": tuple(notice.about.id for notice in notices),
            **(_of_groups(notices, firing, len(alerts)) if len({notice.group for notice in notices}) > 1 else {}),
        }
    )
    made.with_about(_about(notices))
    return made


def _of_groups(notices: Sequence[Notice], firing: int, alerts: int) -> dict[str, object]:
    """What only one group has, for several. All such notices to a receiver count as of one group, and one thread."""
    groups = len({notice.group for notice in notices})
    return {
        "group": hashlib.sha256(f"held {notices[0].receiver}".encode()).hexdigest()[:16],
        "group_key": SEVERAL_GROUPS,
        "group_labels": {},
        "summary": f"{firing} of {alerts} alerts in {groups} groups fire",
        "policy": None,
        "acknowledged_by": None,
    }


def _beyond(notices: Sequence[Notice]) -> int:
    """Alerts that were too many for a record already, as the latest notice of each group counts them."""
    return sum({notice.group: notice.truncated for notice in notices}.values())


def _about(notices: Sequence[Notice]) -> About:
    ids = "\n".join(notice.about.id for notice in notices)
    last = notices[-1].about
    made = hashlib.sha256(ids.encode()).hexdigest()[:32]
    trace = next((notice.about.traceparent for notice in reversed(notices) if notice.about.traceparent), None)
    return About(f"held/{made}", last.source, last.subject, last.time, causationid=last.id, traceparent=trace)


def _common(values: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all say alike."""
    first, *others = values
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def by_group(notices: Sequence[Notice]) -> list[tuple[Notice, ...]]:
    """Those of each group, the group that was told of first before the others."""
    groups: dict[str, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(notice.group, []).append(notice)
    return [tuple(group) for group in groups.values()]
