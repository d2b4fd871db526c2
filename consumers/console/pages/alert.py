"""One alert: its story, the records it rests on, what it is linked to, how it climbs, and what one can do."""

from collections.abc import Iterable
from functools import partial

from nicegui import ui

from consumers.console.board import Board, Row
from consumers.console.dialogs import Deciding
from consumers.console.forms import Form
from consumers.console.page import Page
from consumers.console.parts import ago, chip, facts, heading, instant, text
from consumers.console.rulebook import judge
from consumers.console.signing_in.people import Role
from consumers.console.silencing import in_words
from consumers.console.visit import Visit
from consumers.moments import words
from consumers.telling import Moment
from schemas.alerts import Alert, Group
from schemas.envelope import Evidence


def build(visit: Visit) -> None:
    _OneAlert(visit, visit.path["fingerprint"])


PAGE = Page("/alerts/{fingerprint}", "Alert", "notifications", build, in_menu=False)


class _OneAlert:
    def __init__(self, visit: Visit, fingerprint: str) -> None:
        self._visit = visit
        self._fingerprint = fingerprint
        self._shown: object = None
        self._title = heading("Alert")
        self._state = ui.element("div").classes("row-wrap").props('role="status"')
        self._deciding = Deciding(visit, lambda: [fingerprint]) if visit.may(Role.OPERATOR) else None
        if self._deciding is not None:
            self._buttons(self._deciding)
        with ui.element("div").classes("columns"):
            with ui.element("div"):
                self._facts = _Panel("What it says")
                self._story = _Panel("Story")
                self._evidence = _Panel("Records it rests on")
            with ui.element("div"):
                self._climb = _Panel("Escalation")
                self._linked = _Panel("Linked alerts")
                self._silences = _Panel("Silences that mute it")
        visit.live(self._show)

    def _buttons(self, do: Deciding) -> None:
        with ui.element("section").classes("row-wrap actions").props('aria-label="Act on it"'):
            ui.button("Acknowledge", on_click=do.acknowledge).props("no-caps data-key=a")
            for label, press in (
                ("Acknowledge for…", do.ask_acknowledge),
                ("Give back", do.give_back),
                ("Assign", do.ask_assign),
                ("Snooze", do.ask_snooze),
                ("Wake", do.wake),
                ("Silence", do.ask_silence),
                ("Note", do.ask_note),
                ("Merge", do.ask_merge),
                ("Resolve", do.ask_resolve),
                ("False alarm", self._ask_verdict),
            ):
                ui.button(label, on_click=press).props("outline no-caps")

    def _ask_verdict(self) -> None:
        """Whether it was worth having; asked again, it is taken back."""
        known = self._visit.desk.verdicts.about(self._fingerprint)
        with Form("False alarm") as form:
            if known is not None:
                ui.label(f"{known.by} has marked it: {known.note or 'no reason given'}")
                form.button("Take it back", lambda: self._judge("", false_alarm=False))
            else:
                ui.label("Nothing was wrong. It is counted with its rule; it does not resolve the alert.")
                why = ui.input("Why").props("maxlength=2000").classes("full-width")
                form.button("Mark", lambda: self._judge(why.value or "", false_alarm=True))

    async def _judge(self, note: str, *, false_alarm: bool) -> bool:
        service, id = self._visit.desk.service, self._fingerprint
        return (
            await self._visit.act(Role.OPERATOR, lambda who: judge(service, who, id, note, false_alarm=false_alarm))
            is not None
        )

    def _show(self, board: Board) -> None:
        row = board.row(self._fingerprint)
        if row is None:
            self._title.text = "There is no such alert"
            return
        groups = self._groups(row.alert)
        story = self._visit.desk.stories.of(row.alert)
        # Clocks run on the page by the minute; nothing else of it is built anew without a reason.
        seen = (row, groups, story, board.at.replace(second=0, microsecond=0))
        if seen == self._shown:
            return
        self._shown = seen
        self._title.text = row.summary
        ui.page_title(f"{row.summary} · Backoffice")
        self._fill_state(row)
        self._fill_facts(row, board)
        self._fill_story(story)
        self._fill_evidence(row.alert.evidence)
        self._fill_climb(groups, board)
        self._fill_linked(row, board)
        self._fill_silences(row)

    def _groups(self, alert: Alert) -> tuple[Group, ...]:
        with self._visit.desk.service.view.reading() as standing:
            return tuple(standing.groups[id].event for id in alert.groups if id in standing.groups)

    def _fill_state(self, row: Row) -> None:
        alert = row.alert
        self._state.clear()
        with self._state:
            chip(row.severity, row.severity)
            chip(row.state, row.state)
            chip(alert.priority)
            if alert.acknowledged_by:
                until = f" until {instant(alert.acknowledged_until)}" if alert.acknowledged_until else ""
                text("span", f"taken by {alert.acknowledged_by} at {instant(alert.acknowledged_at)}{until}")
            if alert.assigned_to:
                text("span", f"assigned to {', '.join(alert.assigned_to)}")
            if alert.snoozed_until and row.state == "snoozed":
                text("span", f"snoozed until {instant(alert.snoozed_until)}")
            if alert.delivery_failed:
                text("span", f"could not be told: {', '.join(alert.delivery_failed)}")

    def _fill_facts(self, row: Row, board: Board) -> None:
        alert = row.alert
        with self._facts:
            lasted = ago((alert.ends_at or board.at) - alert.starts_at)
            facts(
                [
                    ("Rule", f"{alert.rule}, version {alert.rule_version}"),
                    ("About", alert.subject),
                    ("Since", f"{instant(alert.starts_at)}, {lasted}"),
                    ("Ended", instant(alert.ends_at)),
                    ("Due", instant(alert.due)),
                    ("Told", " → ".join(alert.receivers)),
                    ("Shows more", alert.generator_url),
                    ("Fingerprint", alert.fingerprint),
                    *((name, said) for name, said in sorted(alert.annotations.items()) if name != "summary"),
                    *((f"label {name}", value) for name, value in sorted(alert.labels.items())),
                    *((f"setting {name}", str(value)) for name, value in sorted(alert.settings.items())),
                ]
            )
            for note in alert.notes:
                with ui.element("blockquote").style(
                    "margin: .6rem 0 0; border-left: 3px solid var(--line); padding-left: .7rem"
                ):
                    text("div", note.text)
                    text("small", f"{note.by}, {instant(note.at)}").classes("soft")

    def _fill_story(self, story: Iterable[Moment]) -> None:
        with self._story, ui.element("ol").classes("story"):
            for moment in story:
                with ui.element("li"):
                    text("div", words(moment)).style("overflow-wrap: anywhere")
                    with ui.element("small").classes("soft"):
                        text("span", f"{instant(moment.at)} · ")
                        record = moment.seen.record
                        self._record(moment.seen.topic, record.partition, record.offset)

    def _fill_evidence(self, evidence: Iterable[Evidence]) -> None:
        with self._evidence, ui.element("ul"):
            for one in evidence:
                with ui.element("li"):
                    self._record(one.topic, one.partition, one.offset)
                    text("span", f" id {one.id}").classes("soft").style("overflow-wrap: anywhere")

    def _record(self, topic: str, partition: int, offset: int) -> None:
        place = f"{topic}[{partition}]@{offset}"
        if not self._visit.may(Role.ADMINISTRATOR):
            text("span", place)  # the page it would lead to is not theirs
            return
        address = self._visit.url("/streams", topic=topic, partition=str(partition), offset=str(offset))
        text("a", place).props(f'href="{address}"')

    def _fill_climb(self, groups: Iterable[Group], board: Board) -> None:
        with self._climb:
            for group in groups:
                text("b", f"{group.receiver}: {group.firing} firing")
                with ui.element("ol").style("padding-left: 1.2rem"):
                    self._steps(group, board)
                if group.delivery_failed:
                    text("p", f"could not be told: {', '.join(group.delivery_failed)}")

    def _steps(self, group: Group, board: Board) -> None:
        text("li", f"{group.receiver} is told first")
        for number, step in enumerate(self._visit.desk.climbing.steps(group.policy or ""), start=1):
            said = f"{', '.join(step.targets)}, {ago(step.after)} later"
            if number <= group.escalation_step:
                said += ": told"
            elif number == group.escalation_step + 1 and group.escalates_at:
                said += f": in {ago(group.escalates_at - board.at)}, at {instant(group.escalates_at)}"
            elif number == group.escalation_step + 1:
                said += ": the clock stands"
            text("li", said)

    def _fill_linked(self, row: Row, board: Board) -> None:
        alert = row.alert
        explained = [one for one in board.rows if alert.fingerprint in one.alert.suppressed_by]
        merged = [one for one in board.rows if one.alert.merged_into == alert.fingerprint]
        above = {*row.status.inhibited_by, *alert.suppressed_by, *filter(None, [alert.merged_into])}
        same = [one for one in board.rows if one.alert.subject == alert.subject and one.state != "resolved"]
        if alert.subject.startswith("sender/"):
            same = []  # who raised it over the API, not what it is about
        with self._linked:
            self._links("Explained or held back by", [one for id in sorted(above) if (one := board.row(id))])
            self._links("Explains", explained)
            self._links("Dealt with here", merged)
            self._links("Of the same subject", [one for one in same if one is not row])

    def _links(self, title: str, rows: list[Row]) -> None:
        if not rows:
            return
        text("b", f"{title} ({len(rows)})")
        with ui.element("ul"):
            for row in rows[:20]:
                with ui.element("li"):
                    text("a", row.summary).props(f'href="{self._visit.url(f"/alerts/{row.alert.fingerprint}")}"')
                    text("span", f" {row.state}").classes("soft")

    def _fill_silences(self, row: Row) -> None:
        with self._visit.desk.service.view.reading() as standing:
            found = [standing.silences[id].event for id in row.status.silenced_by if id in standing.silences]
        with self._silences:
            for silence in found:
                text("b", in_words(silence.matchers)).style("overflow-wrap: anywhere")
                text("div", f"{silence.created_by}: {silence.comment}; until {instant(silence.ends_at)}")
                if self._deciding is not None:
                    end = partial(self._deciding.end_silence, silence.silence)
                    ui.button("End this silence", on_click=end).props("outline dense no-caps")


class _Panel:
    """A part of the page under a title, which is not there while it is empty."""

    def __init__(self, title: str) -> None:
        with ui.element("section").classes("panel").style("margin-bottom: 1rem") as self._section:
            text("h2", title)
            self._inner = ui.element("div")

    def __enter__(self) -> None:
        self._inner.clear()
        self._inner.__enter__()

    def __exit__(self, *error: object) -> None:
        self._inner.__exit__(*error)
        self._section.set_visibility(bool(self._inner.default_slot.children))
