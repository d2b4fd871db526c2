"""The form of a silence: which alerts to mute, for how long and why; and what that mutes, before it does."""

from collections.abc import Callable, Sequence

from nicegui import ui

from consumers.api.errors import Problem
from consumers.console import actions
from consumers.console.actions import Done
from consumers.console.filters import split
from consumers.console.forms import PERIODS, Form
from consumers.console.parts import text
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit
from schemas.alerts import Alert, SilenceMatcher

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
            self._minutes = ui.select(PERIODS, value=60, label="For").classes("full-width")
            self._comment = ui.input("Why").props("maxlength=500").classes("full-width")
            with ui.element("div").props('role="status"').classes("full-width") as self._shown:
                pass
            self._preview()
            form.button("Silence", self._silence)

    def _preview(self) -> None:
        self._shown.clear()
        with self._shown:
            try:
                muted = actions.muted_by(self._visit.desk.service, self._asked())
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
            Role.OPERATOR, lambda who: actions.silence(service, who, self._asked(), minutes, comment)
        )
        if done is not None:
            self._say(done)
        return done is not None


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
