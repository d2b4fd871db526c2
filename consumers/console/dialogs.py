"""What a decision needs to be told: forms over the page, and the bar that says what was done and takes it back."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from nicegui import ui

from consumers.api.errors import Problem
from consumers.console import actions
from consumers.console.actions import Decide, Done
from consumers.console.filters import split
from consumers.console.parts import text
from consumers.console.signing_in.people import Person, Role
from consumers.console.visit import Visit
from schemas.alerts import Alert, SilenceMatcher

PERIODS = {15: "15 minutes", 60: "1 hour", 240: "4 hours", 480: "8 hours", 1440: "1 day", 10080: "1 week"}
"""In minutes."""

NO_END = {0: "until it is over", **PERIODS}
SHOWN = 10
"""Alerts that a preview names."""


class Deciding:
    """The decisions about the alerts that `chosen` names, when a button of it is pressed."""

    def __init__(
        self, visit: Visit, chosen: Callable[[], Sequence[str]], then: Callable[[], None] = lambda: None
    ) -> None:
        self._visit = visit
        self._chosen = chosen
        self._then = then
        self._done: Done | None = None
        with ui.row().classes("actions panel row-wrap").props('role="status"') as self._bar:
            self._said = text("span")
            self._undo = ui.button("Undo", on_click=self._take_back).props("flat dense no-caps")
        self._bar.set_visibility(False)

    async def acknowledge(self) -> None:
        """At once, and for as long as it lasts: the commonest of all."""
        await self._give(lambda who: actions.acknowledge(who))

    async def give_back(self) -> None:
        await self._give(lambda who: actions.unacknowledge(who))

    async def wake(self) -> None:
        """Not snoozed any more."""
        past = self._visit.desk.service.now() - timedelta(seconds=1)
        await self._give(lambda who: actions.snooze(who, past))

    async def end_silence(self, id: str) -> None:
        """What it muted is told of again."""
        service = self._visit.desk.service
        done = await self._visit.act(Role.OPERATOR, lambda who: actions.expire(service, who, id))
        if done is not None:
            self.say(done)

    def ask_acknowledge(self) -> None:
        with self._form("Acknowledge") as form:
            minutes = ui.select(NO_END, value=60, label="For").classes("full-width")
            note = _note()
            form.button("Acknowledge", lambda: self._give(lambda who: self._take(who, minutes.value, note.value)))

    def ask_assign(self) -> None:
        receivers = list(self._visit.desk.service.rules.receivers)
        with self._form("Assign") as form:
            to = ui.select(receivers, multiple=True, label="To", with_input=True).classes("full-width")
            note = _note()
            form.button("Assign", lambda: self._give(lambda who: actions.assign(who, to.value or (), note.value)))

    def ask_snooze(self) -> None:
        with self._form("Snooze") as form:
            minutes = ui.select(PERIODS, value=60, label="For").classes("full-width")
            note = _note()
            form.button("Snooze", lambda: self._give(lambda who: self._snooze(who, minutes.value, note.value)))

    def ask_resolve(self) -> None:
        with self._form("Resolve") as form:
            ui.label("It counts as over until its condition has ended and begun again. This cannot be undone.")
            note = _note()
            form.button("Resolve", lambda: self._give(lambda who: actions.resolve(who, note.value)))

    def ask_note(self) -> None:
        with self._form("Note") as form:
            note = _note("Note")
            form.button("Write", lambda: self._give(lambda who: actions.write(who, note.value)))

    def ask_merge(self) -> None:
        with self._form("Merge") as form:
            ui.label("It is dealt with under another alert, and tells nobody while that one fires.")
            into = ui.input("Fingerprint of the other alert; nothing: by itself again").classes("full-width")
            note = _note()
            form.button(
                "Merge",
                lambda: self._give(lambda who: actions.merge(who, (into.value or "").strip(), note.value)),
            )

    def ask_silence(self) -> None:
        _Silencing(self._visit, self._alerts(), self.say).open()

    def say(self, done: Done) -> None:
        """What was done, with a button that takes it back."""
        self._done = done
        left_out = f" {done.left_out} were over already." if done.left_out else ""
        pending = "" if done.applied else " It is on the log; its effect is not seen yet."
        count = f": {done.count} alert{'' if done.count == 1 else 's'}" if done.count else ""
        self._said.text = f"{done.what}{count}.{left_out}{pending}"
        self._undo.set_visibility(bool(done.undo))
        self._bar.set_visibility(True)
        self._then()

    def _alerts(self) -> list[Alert]:
        with self._visit.desk.service.view.reading() as standing:
            return [standing.alerts[id].event for id in self._chosen() if id in standing.alerts]

    async def _give(self, decide: Callable[[Person], Decide]) -> bool:
        service, chosen = self._visit.desk.service, list(self._chosen())
        done = await self._visit.act(Role.OPERATOR, lambda who: actions.give(service, chosen, decide(who)))
        if done is not None:
            self.say(done)
        return done is not None

    async def _take_back(self) -> None:
        service, done = self._visit.desk.service, self._done
        if done is not None:
            undone = await self._visit.act(Role.OPERATOR, lambda who: actions.take_back(service, who, done))
            if undone is not None:
                self.say(undone)

    def _take(self, who: Person, minutes: int, note: str) -> Decide:
        until = self._visit.desk.service.now() + timedelta(minutes=minutes) if minutes else None
        return actions.acknowledge(who, until, note)

    def _snooze(self, who: Person, minutes: int, note: str) -> Decide:
        return actions.snooze(who, self._visit.desk.service.now() + timedelta(minutes=minutes), note)

    def _form(self, title: str) -> "Form":
        count = len(self._chosen())
        return Form(title if count == 1 else f"{title}: {count} alerts")


class Form:
    """A dialog that is gone once it is closed. Its button closes it when what it does has been done."""

    def __init__(self, title: str) -> None:
        self._dialog = ui.dialog().props(f'aria-label="{title}"')
        self._dialog.on("hide", self._dialog.delete)
        self._title = title

    def __enter__(self) -> "Form":
        self._dialog.__enter__()
        self._card = ui.card().style("width: 30rem; max-width: 100%")
        self._card.__enter__()
        text("h2", self._title)
        return self

    def __exit__(self, *error: object) -> None:
        self._card.__exit__(None, None, None)
        self._dialog.__exit__(None, None, None)
        self._dialog.open()

    def button(self, label: str, do: Callable[[], "object"]) -> None:
        async def pressed() -> None:
            if await do():  # type: ignore[misc]
                self._dialog.close()

        with ui.row().classes("row-wrap"):
            ui.button(label, on_click=pressed).props("no-caps")
            ui.button("Cancel", on_click=self._dialog.close).props("flat no-caps")


def _note(label: str = "Note (others read it)") -> ui.textarea:
    return ui.textarea(label).props("autogrow maxlength=2000").classes("full-width")


class _Silencing:
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
