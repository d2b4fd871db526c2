"""The form of a silence: which alerts to mute, for how long and why; and what that mutes, before it does."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from nicegui import ui

from consumers.api.errors import Problem
from consumers.api.ports import operator
from consumers.console import silences
from consumers.console.actions import Done
from consumers.console.filters import split
from consumers.console.forms import PERIODS, Form
from consumers.console.parts import text
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit
from schemas.alerts import Alert, SilenceMatcher

EXAMPLE = 'Conditions on labels, with commas between them, such as department="it", severity=~"warning|info".'

SHOWN = 10
"""Alerts that a preview names."""


class Silencing:
    """Asks which alerts to mute, for how long and why; and shows what that mutes before it does."""

    def __init__(self, visit: Visit, alerts: Sequence[Alert], say: Callable[[Done], None]) -> None:
        self._visit = visit
        self._say = say
        common = dict(alerts[0].labels) if alerts else {}
        for alert in alerts[1:]:
            common = {name: value for name, value in common.items() if alert.labels.get(name) == value}
        self._text = ", ".join(f'{name}="{_quoted(value)}"' for name, value in sorted(common.items()) if value)

    def open(self) -> None:
        with Form("Silence") as form:
            self._matchers = ui.textarea(
                "Alerts for which all of these hold", value=self._text, on_change=self._preview
            )
            self._matchers.props("autogrow debounce=300").classes("full-width")
            self._begins = ui.input("Begins, UTC; empty: now").props("type=datetime-local stack-label clearable")
            self._begins.classes("full-width")
            self._minutes = ui.select(PERIODS, value=60, label="For").classes("full-width")
            self._comment = ui.input("Why").props("maxlength=500").classes("full-width")
            with ui.element("div").props('role="status"').classes("full-width") as self._shown:
                pass
            self._preview()
            form.button("Silence", self._silence)

    def _preview(self) -> None:
        self._shown.clear()
        with self._shown:
            if not (self._matchers.value or "").strip():
                text("p", EXAMPLE).classes("soft")
                return
            try:
                muted = silences.muted_by(self._visit.desk.service, self._asked())
            except (Problem, ValueError) as error:
                text("p", str(error)).classes("chip critical").style("white-space: normal")
                return
            text("b", f"Mutes {len(muted)} alert{' that fires' if len(muted) == 1 else 's that fire'} now")
            with ui.element("ul"):
                for alert in muted[:SHOWN]:
                    text("li", alert.annotations.get("summary") or alert.rule)
                if len(muted) > SHOWN:
                    text("li", f"and {len(muted) - SHOWN} more")

    def _asked(self) -> list[SilenceMatcher]:
        """Raises ValueError."""
        rules = self._visit.desk.service.rules
        said = [rules.matcher(each) for each in split(self._matchers.value or "")]
        return [
            SilenceMatcher(name=m.name, value=m.value, is_regex="~" in m.operator, is_equal=m.operator[0] == "=")
            for m in said
        ]

    async def _silence(self) -> bool:
        service, minutes, comment = self._visit.desk.service, self._minutes.value, self._comment.value or ""
        done = await self._visit.act(
            Role.OPERATOR,
            lambda who: silences.silence(service, who, self._asked(), minutes, comment, _utc(self._begins.value or "")),
        )
        if done is not None:
            self._say(done)
        return done is not None


def _utc(said: str) -> datetime | None:
    """What a browser says of a time. Raises ValueError."""
    if not said:
        return None
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{said!r} is no time: say when it begins") from None


def in_words(matchers: Sequence[SilenceMatcher]) -> str:
    """As they are typed: `severity="critical", team=~"net|web"`."""
    return ", ".join(f'{m.name}{operator(m)}"{_quoted(m.value)}"' for m in matchers)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
