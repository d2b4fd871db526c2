"""Retention: what is older than its kind is kept is removed, in steps that hold nobody up."""

from collections.abc import Callable

from consumers.archive.databases.base import Database
from consumers.archive.settings import RetentionSettings
from consumers.archive.tables import ALERT_STATES, LOGS, NOTICES, alerts, deliveries, groups, notice_alerts, silences

DAY = 86_400_000
"""Milliseconds."""


def retain(
    database: Database, settings: RetentionSettings, now: int, report: Callable[[str, int], None] = lambda *_: None
) -> dict[str, int]:
    """Removes what is too old at `now` (milliseconds since the epoch); returns how many rows of each table, about.

    An alert that still fires is kept, and so is a silence that has not ended. Counts are kept for good. Raises Away.
    """
    removed: dict[str, int] = {}

    def forget(name: str, rows: int) -> None:
        removed[name] = rows
        if rows:
            report(name, rows)

    days = settings.days()
    for name, kept in days.items():
        if kept is not None:
            forget(name, database.forget(LOGS[name], now - kept * DAY))
    if (kept := days[NOTICES]) is not None:
        for table in (notice_alerts, deliveries):
            forget(table.name, database.forget(table, now - kept * DAY))
    if (kept := days[ALERT_STATES]) is not None:
        before = now - kept * DAY
        forget(alerts.name, database.forget(alerts, before, alerts.c.status == "resolved"))
        forget(silences.name, database.forget(silences, before, silences.c.ends_at < before))
        forget(groups.name, database.forget(groups, before, groups.c.gone_at.is_not(None)))
    return removed
