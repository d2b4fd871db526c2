"""The alerts there are now: the last record of each on the compacted alerts topic wins."""

from dataclasses import dataclass
from datetime import datetime

from consumers.log import Log
from consumers.seen import Reader
from schemas.alerts import Alert
from schemas.signals import SEVERITIES


class NoSuchAlert(Exception):
    """No alert, or more than one, is meant; the message says which."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """`alerts` by fingerprint. `latest` is the newest record's timestamp, None on an empty topic; `bad` records
    that could not be read."""

    alerts: dict[str, Alert]
    latest: datetime | None = None
    bad: int = 0

    def find(self, prefix: str) -> Alert:
        """The one alert whose fingerprint begins like this. Raises NoSuchAlert."""
        found = [alert for fingerprint, alert in self.alerts.items() if fingerprint.startswith(prefix.lower())]
        if len(found) == 1 and prefix:
            return found[0]
        if not found:
            raise NoSuchAlert(f"No alert's fingerprint begins with {prefix!r}; `backoffice alerts` lists them.")
        some = "".join(f"\n  {a.fingerprint}  {a.rule}  {a.subject}" for a in found[:10])
        raise NoSuchAlert(f"The fingerprints of {len(found)} alerts begin with {prefix!r}; which one?{some}")


def current_alerts(log: Log, reader: Reader) -> Alerts:
    """Reads the alerts topic, which `log` must be of, to its end. A record without a value removes its alert; those of
    groups, silences and whatever else stands there are passed over."""
    alerts: dict[bytes | None, Alert] = {}
    latest, bad = None, 0
    for batch in log.since():
        for record in batch:
            latest = max(latest or record.timestamp, record.timestamp)
            if record.key is not None and not record.key.startswith(b"alert/"):
                continue
            if record.value is None:
                alerts.pop(record.key, None)
                continue
            event = reader.read(record).event
            if isinstance(event, Alert):
                alerts[record.key] = event
            else:
                bad += 1
    return Alerts({alert.fingerprint: alert for alert in alerts.values()}, latest, bad)


def urgency(alert: Alert) -> tuple[bool, int, datetime, str]:
    """Sorts alerts: those that fire first, the worst and oldest of them first."""
    severity = alert.labels.get("severity", "")
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return alert.status == "resolved", rank, alert.starts_at, alert.fingerprint
