"""Deciding about alerts: what a decision needs to be told, and the bar that says what was done and takes it back."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from nicegui import ui

from consumers.console import actions, silences
from consumers.console.actions import Decide, Done
from consumers.console.forms import NO_END, PERIODS, Form, note_field
from consumers.console.parts import text
from consumers.console.signing_in.people import Person, Role
from consumers.console.silencing import Silencing
from consumers.console.visit import Visit
from schemas.alerts import Alert


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
        done = await self._visit.act(Role.OPERATOR, lambda who: silences.expire(service, who, id))
        if done is not None:
            self.say(done)

    def ask_acknowledge(self) -> None:
        with self._form("Acknowledge") as form:
            minutes = ui.select(NO_END, value=60, label="For").classes("full-width")
            note = note_field()
            form.button("Acknowledge", lambda: self._give(lambda who: self._take(who, minutes.value, note.value)))

    def ask_assign(self) -> None:
        receivers = list(self._visit.desk.service.rules.receivers)
        with self._form("Assign") as form:
            to = ui.select(receivers, multiple=True, label="To", with_input=True).classes("full-width")
            note = note_field()
            form.button("Assign", lambda: self._give(lambda who: actions.assign(who, to.value or (), note.value)))

    def ask_snooze(self) -> None:
        with self._form("Snooze") as form:
            minutes = ui.select(PERIODS, value=60, label="For").classes("full-width")
            note = note_field()
            form.button("Snooze", lambda: self._give(lambda who: self._snooze(who, minutes.value, note.value)))

    def ask_resolve(self) -> None:
        with self._form("Resolve") as form:
            ui.label("It counts as over until its condition has ended and begun again. This cannot be undone.")
            note = note_field()
            form.button("Resolve", lambda: self._give(lambda who: actions.resolve(who, note.value)))

    def ask_note(self) -> None:
        with self._form("Note") as form:
            note = note_field("Note")
            form.button("Write", lambda: self._give(lambda who: actions.write(who, note.value)))

    def ask_merge(self) -> None:
        with self._form("Merge") as form:
            ui.label("It is dealt with under another alert, and tells nobody while that one fires.")
            into = ui.input("Fingerprint of the other alert; nothing: by itself again").classes("full-width")
            note = note_field()
            form.button(
                "Merge",
                lambda: self._give(lambda who: actions.merge(who, (into.value or "").strip(), note.value)),
            )

    def ask_silence(self) -> None:
        Silencing(self._visit, self._alerts(), self.say).open()

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
