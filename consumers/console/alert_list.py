"""A list of alerts, as one element of the page however long it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from nicegui.element import Element

from consumers.console.board import Row
from consumers.console.parts import ago, instant
from consumers.console.visit import Visit

QUIET = ("snoozed", "silenced", "suppressed", "resolved")


class AlertList(Element, component="alert_list.js"):
    """`choose` and `acknowledge` hear fingerprints; without them, nothing can be chosen."""

    def __init__(
        self,
        visit: Visit,
        empty: str,
        choose: Callable[[Sequence[str]], Any] | None = None,
        acknowledge: Callable[[Sequence[str]], Any] | None = None,
    ) -> None:
        super().__init__()
        self._visit = visit
        self._props["rows"] = []
        self._props["empty"] = empty
        self._props["choosing"] = choose is not None
        if choose is not None:
            self.on("chosen", lambda event: choose(_ids(event.args)))
        if acknowledge is not None:
            self.on("acknowledge", lambda event: acknowledge(_ids(event.args)))

    def show(self, rows: Iterable[Row], at: datetime, headings: Mapping[str, str] | None = None) -> None:
        """These, in this order, as of this instant; `headings` stand above some, by fingerprint."""
        above = headings or {}
        shown = [{**self._row(row, at), "heading": above.get(row.alert.fingerprint, "")} for row in rows]
        if shown != self._props["rows"]:
            self._props["rows"] = shown
            self.update()

    def clear_choice(self) -> None:
        """Nothing is chosen any more."""
        self.run_method("clear")

    def _row(self, row: Row, at: datetime) -> dict[str, Any]:
        alert = row.alert
        about = alert.labels.get("subject", alert.subject)  # of one from another program its sender would say nothing
        return {
            "id": alert.fingerprint,
            "href": self._visit.url(f"/alerts/{alert.fingerprint}"),
            "severity": row.severity,
            "summary": row.summary,
            "about": f"{alert.rule} · {about}",
            "state": row.state,
            "quiet": row.state in QUIET,
            "who": ", ".join(row.holders),
            "age": ago((alert.ends_at or at) - alert.starts_at),
            "since": instant(alert.starts_at),
            "department": row.department,
        }


def _ids(said: object) -> list[str]:
    """What the browser says, which may be anything."""
    return [str(id) for id in said] if isinstance(said, list) else []
