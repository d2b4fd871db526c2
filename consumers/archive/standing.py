"""What several records say of one thing, as it stood last: alerts, groups, silences; and what became of notices."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from consumers.archive.rows import Row
from consumers.archive.tables import ALERT_STATES, HOUR, INBOX, NOTICES, Values
from schemas.alerts import Alert, Group, Silence
from schemas.notices import Notice, NoticeDelivered, NoticeFailed

OUTCOMES = {NoticeDelivered.type: "delivered", NoticeFailed.type: "failed"}


class Hour(NamedTuple):
    """What records are counted by."""

    hour: int
    kind: str
    department: str
    type: str
    rule: str


@dataclass(slots=True)
class Standing:
    """What a batch changes besides adding rows. Of several states of one thing the last counts."""

    alerts: dict[tuple[str, int], Values] = field(default_factory=dict)
    """By fingerprint and start."""
    groups: dict[str, Values] = field(default_factory=dict)
    silences: dict[str, Values] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    """Keys that are no more, and since when."""
    notice_alerts: set[tuple[str, int, int]] = field(default_factory=set)
    deliveries: list[Values] = field(default_factory=list)
    counts: Counter[Hour] = field(default_factory=Counter)

    def take(self, rows: Iterable[Row]) -> None:
        """In the order of the log."""
        for row in rows:
            self.counts[Hour(row.timestamp // HOUR * HOUR, row.table, row.department, row.type, row.rule)] += 1
            if row.table == ALERT_STATES:
                self._state(row)
            elif row.data is None:
                continue
            elif row.type == Notice.type and row.table == NOTICES:
                self._notice(row, row.data)
            elif row.type in OUTCOMES and row.table == INBOX:
                self._outcome(row, row.data)

    def _state(self, row: Row) -> None:
        if row.gone:
            if row.key is not None:
                self.gone[row.key] = row.timestamp
            return
        if row.data is None:
            return
        try:
            match row.type:
                case Alert.type:
                    self._alert(row, row.data)
                case Group.type:
                    self._group(row, row.data)
                case Silence.type:
                    self._silence(row, row.data)
                case _:
                    return
        except (KeyError, TypeError, ValueError):
            return  # no state that alerting writes; its row has all there is
        self.gone.pop(row.key or "", None)

    def _alert(self, row: Row, data: Mapping[str, Any]) -> None:
        labels = _strings(data["labels"])
        starts_at = _ms(data["starts_at"])
        key = _string(data["fingerprint"]), starts_at
        before = self.alerts.pop(key, {})  # the latest stands last
        summary = _strings(data.get("annotations", {})).get("summary", "")
        acknowledged = _instant(data.get("acknowledged_at"))
        self.alerts[key] = {
            "fingerprint": key[0],
            "starts_at": starts_at,
            "number": row.number,
            "timestamp": row.timestamp,
            "status": _string(data["status"]),
            "rule": row.rule,
            "department": row.department,
            "severity": labels.get("severity", ""),
            "priority": _string(data.get("priority", "P3")),
            "subject": _string(data["subject"]),
            "summary": summary,
            "ends_at": _instant(data.get("ends_at")),
            "due": _instant(data.get("due")),
            "suppressed": bool(data.get("suppressed")) or before.get("suppressed", False),
            "acknowledged_at": before.get("acknowledged_at") or acknowledged,
            "acknowledged_by": before.get("acknowledged_by") or data.get("acknowledged_by"),
            "highest_step": max(int(data.get("escalation_step", 0)), before.get("highest_step", 0)),
            "labels": labels,
            "body": dict(data),
            "gone_at": None,
        }

    def _group(self, row: Row, data: Mapping[str, Any]) -> None:
        self.groups[_string(data["group"])] = {
            "id": _string(data["group"]),
            "number": row.number,
            "timestamp": row.timestamp,
            "receiver": _string(data["receiver"]),
            "labels": _strings(data.get("labels", {})),
            "body": dict(data),
            "gone_at": None,
        }

    def _silence(self, row: Row, data: Mapping[str, Any]) -> None:
        self.silences[_string(data["silence"])] = {
            "id": _string(data["silence"]),
            "number": row.number,
            "timestamp": row.timestamp,
            "created_by": _string(data["created_by"]),
            "comment": _string(data["comment"]),
            "starts_at": _ms(data["starts_at"]),
            "ends_at": _ms(data["ends_at"]),
            "body": dict(data),
            "gone_at": None,
        }

    def _notice(self, row: Row, data: Mapping[str, Any]) -> None:
        alerts = data.get("alerts")
        for alert in alerts if isinstance(alerts, list) else ():
            if isinstance(alert, dict) and isinstance(fingerprint := alert.get("fingerprint"), str):
                self.notice_alerts.add((fingerprint[:64], row.timestamp, row.number))

    def _outcome(self, row: Row, data: Mapping[str, Any]) -> None:
        try:
            self.deliveries.append(
                {
                    "number": row.number,
                    "timestamp": row.timestamp,
                    "notice": _string(data["notice"])[:500],
                    "receiver": row.subject.partition("/")[2],
                    "outcome": OUTCOMES[row.type],
                    "channel": _string(data["channel"]),
                    "attempts": int(data["attempts"]),
                    "escalation_step": int(data.get("escalation_step", 0)),
                    "error": data.get("error"),
                }
            )
        except (KeyError, TypeError, ValueError):
            return  # no outcome that the notifier writes; its row has all there is


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text is wanted")
    return value


def _strings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("a mapping is wanted")
    return {str(name): str(one) for name, one in value.items()}


def _ms(value: Any) -> int:
    return int(datetime.fromisoformat(_string(value)).timestamp() * 1000)


def _instant(value: Any) -> int | None:
    return None if value is None else _ms(value)
