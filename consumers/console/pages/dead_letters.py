"""*Dead letters*: by what they failed of; several at once sent again or discarded, with progress."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nicegui import ui

from consumers.console.asking import ask
from consumers.console.letter_work import Work
from consumers.console.page import Page
from consumers.console.parts import heading, instant, text
from consumers.console.rows import Row, Rows
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit, at
from consumers.dead_letters.dealing import Dealing
from consumers.dead_letters.letter import Summary
from consumers.dead_letters.standing import Alike, Choice, Fate, Standing
from consumers.render import plain

PATH = "/dead-letters"

REASONS = ("Letters", "From", "Stage", "Last (UTC)", "What")
LETTERS = ("Letter", "Time (UTC)", "From", "Key", "Tries", "What")

MOST_SHOWN = 200
"""Letters in the list; the reasons above count all."""

EVERY = 5.0
"""Seconds between two looks at the topic while somebody looks at the page."""


def build(visit: Visit) -> None:
    if visit.desk.letters is None:
        text("p", "This console was started without a log to read.")
        return
    _Letters(visit, visit.desk.letters)


PAGE = Page(PATH, "Dead letters", "mark_email_unread", build, Role.OPERATOR)


class _Letters:
    def __init__(self, visit: Visit, letters: Dealing) -> None:
        self._visit = visit
        self._letters = letters
        self._choice = Choice(text=visit.query.get("text", "")[:200])
        self._like = visit.query.get("like", "")
        self._closed = visit.query.get("closed") == "1"
        self._chosen: frozenset[int] = frozenset()
        self._open: Sequence[Summary] = ()
        self._title = heading("Dead letters")
        self._filters()
        self._work = Work(visit, letters, self._numbers, self._decided)
        with ui.element("section").classes("panel wide").style("margin-bottom: 1rem"):
            text("h2", "What they failed of")
            self._reasons = Rows("Reasons", REASONS, "Nothing failed that nobody has dealt with.")
        with ui.element("section").classes("panel wide"):
            self._count = text("h2", "Letters")
            self._rows = Rows("Letters", LETTERS, "None are as asked.", None if self._closed else self._choose)
        ui.timer(EVERY, self._look)
        ui.timer(0, self._begin, once=True)

    def _filters(self) -> None:
        with ui.element("section").classes("row-wrap").props('aria-label="Filter"'):
            ui.input("Text", value=self._choice.text, on_change=lambda e: self._ask(text=e.value or "")).props(
                "dense outlined clearable debounce=300"
            ).classes("grow")
            if self._like:
                text("span", f"Only those that failed as letter {self._like} did.")
                text("a", "Show all").props(f'href="{self._visit.url(PATH)}"')
            address = self._visit.url(PATH, closed="" if self._closed else "1")
            words = "Show those that are open" if self._closed else "Show those that were dealt with"
            text("a", words).props(f'href="{address}"')

    async def _begin(self) -> None:
        if self._like.isascii() and self._like.isdigit():
            letter = await ask(self._visit, lambda: self._letters.box.letter(int(self._like)))
            if letter is not None:
                self._choice = replace(self._choice, reason=letter.summary().reason)
        await self._look()

    async def _look(self) -> None:
        choice = self._choice

        def at_(standing: Standing) -> tuple[Sequence[Summary], Sequence[Alike], dict[int, Fate], int]:
            shown = standing.closed(choice) if self._closed else standing.open(choice)
            fates = {
                one.number: standing.fates[one.number] for one in shown[:MOST_SHOWN] if one.number in standing.fates
            }
            return shown, standing.alike(choice), fates, standing.unread

        found = await ask(self._visit, lambda: self._letters.box.look(at_))
        if found is not None and choice is self._choice:
            self._show(*found)

    def _show(self, shown: Sequence[Summary], alike: Iterable[Alike], fates: dict[int, Fate], unread: int) -> None:
        self._open = () if self._closed else shown
        more = f", and {unread:,} that come after these" if unread else ""
        self._title.text = f"Dead letters: {len(shown):,} {'dealt with' if self._closed else 'open'}{more}"
        self._count.text = "Letters" if len(shown) <= MOST_SHOWN else f"The latest {MOST_SHOWN} letters"
        self._reasons.show([self._reason(each) for each in alike])
        self._rows.show([self._row(each, fates.get(each.number)) for each in shown[:MOST_SHOWN]])
        self._work.show_count(len(self._numbers()), bool(self._chosen))

    def _reason(self, alike: Alike) -> Row:
        reason, number = alike.reason, str(alike.example)
        address = self._visit.url(PATH, like=number)
        what = f"{reason.exception.rpartition('.')[2]}: {plain(reason.pattern)}"
        cells = (f"{alike.count:,}", reason.topic, reason.stage, f"{alike.last:%Y-%m-%d %H:%M}", what)
        return Row(number, address, what, cells)

    def _row(self, letter: Summary, fate: Fate | None) -> Row:
        address = self._visit.url(f"{PATH}/{letter.number}")
        what = plain(f"{fate}" if fate else letter.message)
        time = instant(letter.at).removesuffix(" UTC")
        cells = (str(letter.number), time, letter.came_from, plain(letter.key[:60]), str(letter.tries), what)
        return Row(str(letter.number), address, f"letter {letter.number}", cells)

    def _choose(self, ids: Sequence[str]) -> None:
        self._chosen = frozenset(int(id) for id in ids if id.isascii() and id.isdigit())
        self._work.show_count(len(self._numbers()), bool(self._chosen))

    def _numbers(self) -> list[int]:
        """What is chosen; without a choice all that are as asked, shown or not."""
        there = [letter.number for letter in self._open]
        return sorted(number for number in there if not self._chosen or number in self._chosen)

    async def _ask(self, text: str) -> None:
        self._choice = replace(self._choice, text=text)
        closed = "1" if self._closed else ""
        ui.navigate.history.replace(at(PATH, text=text, like=self._like, closed=closed))
        await self._look()

    async def _decided(self) -> None:
        self._rows.clear_all()
        await self._look()
