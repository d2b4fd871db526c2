"""*Streams*: a topic as it is written, or from a time or a place on; and one record in full."""

import asyncio
from collections import deque
from collections.abc import Sequence
from functools import partial

from nicegui import ui

from consumers.console.asking import ask
from consumers.console.page import Page
from consumers.console.pages.record import show_record
from consumers.console.parts import heading, text
from consumers.console.rows import Row, Rows
from consumers.console.signing_in.people import Role
from consumers.console.viewing import look
from consumers.console.visit import Visit, at
from consumers.console.watching import Asked
from consumers.render import telling
from consumers.seen import Seen
from consumers.streams.export import comma_separated, json_lines
from consumers.streams.following import Stream
from consumers.streams.start import Latest, Start, read
from consumers.streams.topics import Streams

PATH = "/streams"

MOST_SHOWN = 300
"""Records on the page; older ones go, and are not exported either."""

EVERY = 0.3
"""Seconds between two looks at what is new."""

BEFORE = 20
"""Offsets of each partition that are shown of what was there, so that there is something to look at."""

STATES = {
    "reading": "reading what stands there",
    "live": "live",
    "paused": "paused",
    "page full": "there is more",
    "away": "the log cannot be read",
    "ended": "ended",
}


async def build(visit: Visit) -> None:
    streams = visit.desk.streams
    if streams is None:
        text("p", "This console was started without a log to read.")
    elif "offset" in visit.query:
        await show_record(visit, streams)
    else:
        topics = await ask(visit, streams.topics, Role.ADMINISTRATOR)
        _Streams(visit, streams, topics or ())


PAGE = Page(PATH, "Streams", "list_alt", build, Role.ADMINISTRATOR)
"""Records are shown as they are, and so is what they say of people."""


class _Streams:
    def __init__(self, visit: Visit, streams: Streams, topics: Sequence[str]) -> None:
        self._visit = visit
        self._streams = streams
        self._stream: Stream | None = None
        self._shown: deque[Seen] = deque(maxlen=MOST_SHOWN)
        asked = Asked.read(visit.query)
        heading("Streams")
        self._form(asked, topics)
        with ui.element("section").classes("row-wrap actions").props('aria-label="What is shown"') as self._bar:
            self._pause = ui.button("Pause", on_click=self._pause_or_go_on).props("outline dense no-caps")
            self._more = ui.button("Show more", on_click=self._show_more).props("outline dense no-caps")
            self._end = ui.button("Go to the end", on_click=self._go_to_end).props("outline dense no-caps")
            ui.button("JSON lines", on_click=lambda: self._export("jsonl")).props("flat dense no-caps")
            ui.button("CSV", on_click=lambda: self._export("csv")).props("flat dense no-caps")
        self._bar.set_visibility(False)
        self._said = text("p").props('role="status"')
        with ui.element("section").classes("panel wide"):
            columns = ("Time (UTC)", "Place", "Key", "Type", "What")
            self._rows = Rows("Records", columns, "Nothing yet.", link=1, beside=True)
        ui.timer(EVERY, self._look)
        ui.context.client.on_delete(self._stop)
        self._latest = asked
        if asked.topic:
            ui.timer(0, lambda: self._watch(asked), once=True)

    def _form(self, asked: Asked, topics: Sequence[str]) -> None:
        options = list(dict.fromkeys([*topics, *filter(None, [asked.topic])]))
        with ui.element("section").classes("row-wrap").props('aria-label="What to watch"'):
            self._topic = ui.select(options, value=asked.topic or None, label="Topic", with_input=True)
            self._topic.props("dense outlined options-dense").style("min-width: 14rem")
            self._inputs = {
                name: ui.input(label, value=getattr(asked, name), placeholder=hint)
                .props("dense outlined clearable")
                .classes("grow")
                .on("keydown.enter", self._ask)
                for name, label, hint in (
                    ("since", "From", "10m, 2026-03-02T09:30, 2@1500; empty: now"),
                    ("type", "Type", "hr.employee.*"),
                    ("key", "Key", "vendor/*"),
                    ("where", "Where", "data.amount.amount>1000 and data.paid=false"),
                    ("header", "Header", "ce_source=/erp*"),
                    ("text", "Text", ""),
                )
            }
            ui.button("Watch", on_click=self._ask).props("outline no-caps")

    async def _ask(self) -> None:
        said = {name: str(field.value or "").strip() for name, field in self._inputs.items()}
        asked = Asked(topic=str(self._topic.value or ""), **said)
        ui.navigate.history.replace(at(PATH, **asked.query()))
        await self._watch(asked)

    async def _watch(self, asked: Asked) -> None:
        """What was watched before ends. One look is on record however long it lasts and whatever comes."""
        self._stop()
        self._shown.clear()
        self._rows.clear_all()
        self._bar.set_visibility(False)
        self._latest = asked
        try:
            start, wanted = self._start(asked), asked.filter()
        except ValueError as error:
            self._said.text = str(error)
            return
        self._said.text = ""
        follow = partial(self._streams.follow, [asked.topic], wanted, start)
        stream = await look(self._visit, at(f"topic/{asked.topic}", **asked.narrowed()), follow, Role.ADMINISTRATOR)
        if stream is not None and self._latest is not asked:
            stream.stop()  # something else was asked for meanwhile
        elif stream is not None:
            self._stream = stream
            self._bar.set_visibility(True)

    def _start(self, asked: Asked) -> Start:
        """Raises ValueError."""
        if not asked.topic:
            raise ValueError("Choose a topic.")
        return read(asked.since, self._visit.desk.service.now()) if asked.since.strip() else Latest(BEFORE)

    def _look(self) -> None:
        if self._stream is None:
            return
        taken = self._stream.take()
        self._shown.extend(taken.seen)
        self._rows.add([self._row(seen) for seen in taken.seen[-MOST_SHOWN:]], MOST_SHOWN)
        said = f"{STATES[taken.state]}: {taken.read:,} read, {taken.matched:,} as asked"
        if taken.left_out:
            said += f"; a sample is shown, {taken.left_out:,} were left out"
        if taken.behind and taken.state != "live":
            said += f"; {taken.behind:,} offsets to the end"
        self._said.text = f"{said}. {taken.problem}" if taken.problem else f"{said}."
        self._pause.text = "Go on" if taken.state == "paused" else "Pause"
        self._more.set_visibility(taken.state == "page full")
        self._end.set_visibility(taken.state in ("reading", "page full", "paused"))
        if taken.state == "ended":
            self._stream = None

    def _row(self, seen: Seen) -> Row:
        record = seen.record
        place = f"{record.partition}@{record.offset}"
        address = self._visit.url(PATH, topic=seen.topic, partition=str(record.partition), offset=str(record.offset))
        cells = (f"{record.timestamp:%m-%d %H:%M:%S}", place, seen.subject[:80], seen.type, telling(seen)[:300])
        return Row(f"{seen.topic}/{place}", address, place, cells)

    def _pause_or_go_on(self) -> None:
        if self._stream is not None:
            (self._stream.resume if self._stream.is_paused else self._stream.pause)()

    def _show_more(self) -> None:
        if self._stream is not None:
            self._stream.more()

    def _go_to_end(self) -> None:
        if self._stream is not None:
            self._stream.go_to_end()

    async def _export(self, kind: str) -> None:
        """What is on the page, oldest first."""
        seen, make = list(self._shown), json_lines if kind == "jsonl" else comma_separated
        content = await asyncio.to_thread(make, seen)
        ui.download(content.encode(), f"records.{kind}")

    def _stop(self) -> None:
        if self._stream is not None:
            self._stream.stop()
            self._stream = None
