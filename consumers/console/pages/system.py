"""*System*: who works on what, how far behind and since when, the topics, open transactions, versions."""

from collections.abc import Sequence

from nicegui import ui

from consumers.console.page import Page
from consumers.console.parts import ago, chip, facts, heading, instant, panel, table_head, text
from consumers.console.system import Sampler, Snapshot, in_bytes
from consumers.console.theme import CHART_INK
from consumers.console.visit import Visit


def build(visit: Visit) -> None:
    heading("System")
    _System(visit)


PAGE = Page("/system", "System", "dns", build)

SHORT = 24
"""Characters of a cell that stays in one line."""


class _System:
    def __init__(self, visit: Visit) -> None:
        self._sampler: Sampler = visit.desk.sampler
        self._state = ui.element("div").classes("row-wrap").props('role="status"')
        with panel("Records that wait"):
            self._chart = _chart()
            self._behind = ui.element("div")
        self._workers = panel("Workers")
        self._vitals = panel("What workers tell of themselves")
        self._transactions = panel("Open transactions")
        self._topics = panel("Topics")
        self._versions = panel("Versions")
        with self._state:
            text("span", "The broker is being asked.")
        self._sampler.watch(ui.context.client, self._show)

    def _show(self, seen: Snapshot) -> None:
        self._fill_state(seen)
        self._fill_chart()
        self._fill_behind(seen)
        self._fill_workers(seen)
        self._fill_vitals(seen)
        self._fill_transactions(seen)
        self._fill_topics(seen)
        self._versions.clear()
        with self._versions:
            facts(seen.versions.items())

    def _fill_state(self, seen: Snapshot) -> None:
        self._state.clear()
        with self._state:
            for problem in seen.wrong:
                text("p", problem).classes("old")
            if not seen.wrong and not any(worker.does == "worker" for worker in seen.workers):
                chip("no worker", "critical")
            text("span", f"as of {instant(seen.at)}").classes("soft")

    def _fill_chart(self) -> None:
        history = list(self._sampler.history)
        readers = sorted({reader for point in history for reader in point.records})
        self._chart.options["xAxis"]["data"] = [f"{point.at:%H:%M:%S}" for point in history]
        self._chart.options["series"] = [
            {
                "name": reader,
                "type": "line",
                "showSymbol": False,
                "data": [point.records.get(reader, 0) for point in history],
            }
            for reader in readers
        ]
        self._chart.update()

    def _fill_behind(self, seen: Snapshot) -> None:
        waiting = [one for one in seen.behind if one.records]
        rows = [
            (one.reader, f"{one.topic}/{one.partition}", f"{one.records:,}", f"{one.seconds or 0:,.1f} s")
            for one in sorted(waiting, key=lambda one: -one.records)
        ]
        _table(
            self._behind,
            ("reader", "partition", "records", "the oldest waits"),
            rows,
            f"Nothing waits in {len(seen.behind)} partitions.",
        )

    def _fill_workers(self, seen: Snapshot) -> None:
        rows = [
            (one.does, one.member, one.host, one.state, _by_topic(one.partitions) or "none: it stands by")
            for one in seen.workers
        ]
        _table(self._workers, ("does", "member", "host", "group", "partitions"), rows, "Nobody works here.")

    def _fill_vitals(self, seen: Snapshot) -> None:
        rows = [
            (one.source, one.wrong, "", "", "")
            if one.wrong
            else (
                one.source,
                f"{one.lanes}",
                f"{one.restored_rows:,} rows in {one.restore_seconds:.1f} s",
                f"{one.transactions:,}",
                f"{one.transaction_ms:.1f} ms",
            )
            for one in seen.vitals
        ]
        _table(
            self._vitals,
            ("worker", "partitions", "last restore", "transactions", "each, on average"),
            rows,
            "Name their metrics addresses in console.worker_metrics, and they are shown here.",
        )

    def _fill_transactions(self, seen: Snapshot) -> None:
        rows = [(one.id, one.state, ago(seen.at - one.since) if one.since else "") for one in seen.transactions]
        _table(self._transactions, ("transaction", "state", "open for"), rows, "None is open.")

    def _fill_topics(self, seen: Snapshot) -> None:
        self._topics.clear()
        with self._topics:
            if seen.drift:
                chip("not as specified", "error")
                with ui.element("ul"):
                    for difference in seen.drift:
                        text("li", difference)
                text("p", "`backoffice topics plan` shows it, `backoffice topics apply` mends what can be mended.")
            lines = ui.element("div")
        rows = [(one.name, str(one.partitions), str(one.replication), in_bytes(one.size)) for one in seen.topics]
        _table(lines, ("topic", "partitions", "copies", "size"), rows, "There are none.")


def _by_topic(partitions: Sequence[str]) -> str:
    """`alerting 0; events.it 0, 1`, of `alerting/0`, `events.it/0` and `events.it/1`."""
    found: dict[str, list[str]] = {}
    for topic, _, number in (partition.rpartition("/") for partition in partitions):
        found.setdefault(topic, []).append(number)
    return "; ".join(f"{topic} {', '.join(numbers)}" for topic, numbers in found.items())


def _table(where: ui.element, names: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    where.clear()
    with where:
        if not rows:
            text("p", nothing).classes("soft")
            return
        with ui.element("div").classes("wide"), ui.element("table").classes("alerts"):
            table_head(*names)
            with ui.element("tbody"):
                for row in rows:
                    with ui.element("tr"):
                        for cell in row:
                            text("td", cell).classes("few" if len(cell) <= SHORT else "").style(
                                "overflow-wrap: anywhere"
                            )


def _chart() -> ui.echart:
    axis = {"axisLabel": {"color": CHART_INK}, "axisLine": {"lineStyle": {"color": CHART_INK}}}
    return (
        ui.echart(
            {
                "animation": False,
                "aria": {"enabled": True},
                "grid": {"left": 50, "right": 8, "top": 30, "bottom": 24},
                "legend": {"type": "scroll", "top": 0, "textStyle": {"color": CHART_INK}},
                "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "category", "data": [], **axis},
                "yAxis": {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"opacity": 0.2}}, **axis},
                "series": [],
            }
        )
        .props('role="img" aria-label="Records that wait, by who reads them, over time"')
        .style("height: 13rem; width: 100%")
    )
