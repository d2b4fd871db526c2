"""*On call*: who is on duty day by day, where nobody is, who stands in, who is on leave; and the form to stand in."""

from collections.abc import Sequence
from datetime import date, timedelta

from nicegui import ui

from consumers.console import subscribing
from consumers.console.board import Board
from consumers.console.duty import Piece, Rota, by_day
from consumers.console.forms import Form
from consumers.console.page import Page
from consumers.console.parts import chip, heading, instant, text
from consumers.console.signing_in.people import Role
from consumers.console.substituting import Substituting, substitute, withdraw
from consumers.console.visit import Visit, at
from consumers.oncall import Duties, in_words
from schemas.oncall import Override

SPANS = {7: "week", 28: "four weeks"}
"""Days that are shown at once."""


def build(visit: Visit) -> None:
    heading("On call")
    if not visit.desk.rota.schedules:
        ui.label("The configuration has no schedules; they are written under alerting.schedules.")
        return
    _OnCall(visit)


PAGE = Page("/on-call", "On call", "event_available", build)


class _OnCall:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._rota: Rota = visit.desk.rota
        self._days = 28 if visit.query.get("days") == "28" else 7
        self._first = _monday(visit.query.get("from", ""), self._today())
        self._shown: object = None
        self._steps()
        self._now = ui.element("section").classes("panel").props('aria-label="On duty now"')
        self._calendar = ui.element("div")
        self._exceptions = ui.element("section").classes("panel").props('aria-label="Who stands in"')
        visit.live(self._show)

    def _today(self) -> date:
        return self._rota.local(self._rota.schedules[0], self._visit.desk.service.now()).date()

    def _steps(self) -> None:
        back, forth = (self._first + timedelta(days=sign * self._days) for sign in (-1, 1))
        other = 7 if self._days == 28 else 28
        with ui.element("nav").classes("row-wrap actions").props('aria-label="Which days"'):
            for label, first, days in (
                ("Earlier", back, self._days),
                ("Today", None, self._days),
                ("Later", forth, self._days),
                (f"Show a {SPANS[other]}" if other == 7 else f"Show {SPANS[other]}", self._first, other),
            ):
                ui.link(label, at("/on-call", **{"from": first.isoformat() if first else "", "days": str(days)}))
            if self._visit.may(Role.OPERATOR):
                ui.button("Stand in", on_click=self._ask).props("no-caps")

    def _show(self, board: Board) -> None:
        with self._visit.desk.service.view.reading() as standing:
            duties = standing.duties
        minute = board.at.replace(second=0, microsecond=0)
        if (id(duties), minute) == self._shown:
            return
        self._shown = (id(duties), minute)
        self._fill_now(duties, board)
        self._fill_calendar(duties)
        self._fill_exceptions(duties, board)

    def _fill_now(self, duties: Duties, board: Board) -> None:
        self._now.clear()
        with self._now, ui.element("dl").classes("facts"):
            for schedule, who, until in self._rota.now(duties, board.at):
                text("dt", schedule)
                with ui.element("dd"):
                    _people(who)
                    text("span", f" until {self._wall(schedule, until)}" if until else "")

    def _wall(self, schedule: str, moment: object) -> str:
        local = self._rota.local(schedule, moment)  # type: ignore[arg-type]
        return f"{local:%a %d %b, %H:%M} ({self._rota.zone(schedule)})"

    def _fill_calendar(self, duties: Duties) -> None:
        self._calendar.clear()
        with self._calendar:
            for schedule in self._rota.schedules:
                self._schedule(schedule, duties)

    def _schedule(self, schedule: str, duties: Duties) -> None:
        begin = self._rota.instant(schedule, self._first)
        end = self._rota.instant(schedule, self._first + timedelta(days=self._days))
        stretches = self._rota.stretches(schedule, duties, begin, end)
        days = list(by_day(stretches, lambda moment: self._rota.local(schedule, moment), self._first, self._days))
        gaps = sum(piece.is_gap for _, pieces in days for piece in pieces)
        with ui.element("section").classes("panel").style("margin-top: 1rem").props(f'aria-label="{schedule}"'):
            with ui.element("div").classes("row-wrap"):
                text("h2", schedule)
                text("span", self._rota.zone(schedule)).classes("soft")
                if gaps:
                    chip(f"nobody at {gaps} time{'' if gaps == 1 else 's'}", "critical")
                ui.button("iCalendar", on_click=lambda: self._download(schedule)).props("flat dense no-caps")
                ui.button("Subscribe", on_click=lambda: subscribing.ask(self._visit, schedule)).props(
                    "flat dense no-caps"
                )
            with ui.element("ol").classes("days"):
                for day, pieces in days:
                    _day(day, pieces, is_today=day == self._today())

    def _download(self, schedule: str) -> None:
        with self._visit.desk.service.view.reading() as standing:
            duties = standing.duties
        file = self._rota.feed(schedule, duties, self._visit.desk.service.now())
        ui.download.content(file, f"{schedule}.ics", "text/calendar")

    def _fill_exceptions(self, duties: Duties, board: Board) -> None:
        to_come = [one for one in duties.overrides if one.ends_at > board.at]
        away = [(a.employee, leave) for a in duties.absences for leave in a.leaves]
        away = [(who, leave) for who, leave in away if leave.ends_at is None or leave.ends_at > board.at]
        self._exceptions.clear()
        with self._exceptions:
            text("h2", "Who stands in")
            with ui.element("ul"):
                for one in sorted(to_come, key=lambda one: one.starts_at):
                    with ui.element("li"):
                        self._override(one)
            if not to_come:
                text("p", "Nobody.")
            text("h2", "On leave, as HR has it")
            with ui.element("ul"):
                for who, leave in sorted(away, key=lambda pair: pair[1].starts_at):
                    until = f"until {instant(leave.ends_at)}" if leave.ends_at else "without an end"
                    text("li", f"employee {who}, from {instant(leave.starts_at)} {until}")
            if not away:
                text("p", "Nobody.")

    def _override(self, one: Override) -> None:
        span = f"{self._wall(one.schedule, one.starts_at)} to {self._wall(one.schedule, one.ends_at)}"
        text("span", f"{one.schedule}: {in_words(one)}, {span}. {one.created_by} {one.comment}".strip())
        if self._visit.may(Role.OPERATOR):
            ui.button("Remove", on_click=lambda: self._remove(one.override)).props("flat dense no-caps")

    async def _remove(self, override: str) -> None:
        service, client = self._visit.desk.service, ui.context.client
        if await self._visit.act(Role.OPERATOR, lambda who: withdraw(service, who, override)) is not None:
            with client:  # the button that was pressed is gone with its line
                ui.notify("It ends now.")

    def _ask(self) -> None:
        users = {"": "nobody", **{user: user for user in self._rota.users}}
        whose = {"": "whoever is on duty", **{user: user for user in self._rota.users}}
        with Form("Stand in") as form:
            schedule = ui.select(list(self._rota.schedules), value=self._rota.schedules[0], label="Schedule")
            user = ui.select(users, value="", label="On duty is")
            instead_of = ui.select(whose, value="", label="Instead of")
            besides = ui.checkbox("as well as whoever is on duty")
            begins = ui.input("From, on the schedule's wall").props("type=datetime-local stack-label")
            ends = ui.input("Until").props("type=datetime-local stack-label")
            comment = ui.input("Why").props("maxlength=2000")
            for field in (schedule, user, instead_of, begins, ends, comment):
                field.classes("full-width")
            form.button(
                "Stand in",
                lambda: self._stand_in(
                    Substituting(
                        schedule.value,
                        user.value,
                        instead_of.value,
                        bool(besides.value),
                        begins.value or "",
                        ends.value or "",
                        comment.value or "",
                    )
                ),
            )

    async def _stand_in(self, form: Substituting) -> bool:
        service, rota = self._visit.desk.service, self._rota
        applied = await self._visit.act(Role.OPERATOR, lambda who: substitute(service, rota, who, form))
        if applied is not None:
            ui.notify("Noted." if applied else "It is on the log; its effect is not seen yet.")
        return applied is not None


def _day(day: date, pieces: Sequence[Piece], *, is_today: bool) -> None:
    with ui.element("li").props('aria-current="date"' if is_today else ""):
        text("b", f"{day:%a %d %b}")
        for piece in pieces:
            with ui.element("div"):
                whole = (piece.begins, piece.ends) == ("00:00", "24:00")
                text("small", "all day " if whole else f"{piece.begins}–{piece.ends} ")  # noqa: RUF001 - a range
                _people(piece.who)
                if piece.differs:
                    text("small", f" instead of {', '.join(piece.planned) or 'nobody'}").classes("soft")


def _people(who: Sequence[str]) -> None:
    if who:
        text("span", ", ".join(who))
    else:
        chip("nobody", "critical")


def _monday(said: str, today: date) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = today
    if not 1971 <= day.year <= 2199:
        day = today
    return day - timedelta(days=day.weekday())
