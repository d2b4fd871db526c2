"""The processes as those who run them meet them: scraped, asked how they are, and traced from an event to a notice."""

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from backoffice.metrics import described, registries
from backoffice.registry import inboxes
from infra.broker import BrokerHome, ensure, stop
from producers.client import Client
from schemas.accounting import InvoiceReceived
from schemas.money import Money
from schemas.topics import Space
from tests.go_tools import BUILD_TIMEOUT, go_tool
from tests.kafka.program import eventually, lag, running
from tests.unit.notify.hooks import Hooks, Request, serving

pytestmark = pytest.mark.kafka

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
OK = {"status": "ok", "reasons": []}
FIRST = f"00-{'a' * 32}-{'1' * 16}-01"
SECOND = f"00-{'b' * 32}-{'2' * 16}-01"

CONFIG = """
space: {space}
api: {{port: 0}}
alerting:
  route: {{receiver: books, group_by: ['...'], group_wait: 1s}}
  receivers: [{{name: books, channels: [{{type: webhook, url: '{address}'}}]}}]
"""


class Running:
    """`backoffice run` in a space of its own: worker, notifier, API and archive, and where each is scraped."""

    def __init__(self, bootstrap: str, home: Path, space: Space, hooks: Hooks) -> None:
        self.bootstrap = bootstrap
        self.home = home
        self.space = space
        self.hooks = hooks
        log = home / "process.log"
        where = re.compile(r"(?:metrics and health at|API of space \S+ at) (http://127\.0\.0\.1:\d+)")
        found = eventually(lambda: where.findall(log.read_text()), lambda found: len(found) == 4, within=300)
        self.at = {self._process(address): address for address in found}

    def _process(self, address: str) -> str:
        """Which process is served there."""
        said = eventually(lambda: httpx.get(f"{address}/metrics", timeout=60).text, bool)
        name = re.search(r'backoffice_build_info\{[^}]*process="(\w+)"', said)
        assert name, said
        return name[1]

    def asked(self, process: str, path: str) -> tuple[int, Any]:
        answer = httpx.get(f"{self.at[process]}{path}", timeout=60)
        return answer.status_code, answer.json()

    def becomes_ready(self) -> None:
        for process in self.at:
            eventually(lambda process=process: self.asked(process, "/readyz"), lambda a: a == (200, OK), within=240)  # type: ignore[misc]

    def scraped(self, process: str) -> dict[str, Metric]:
        """What a process says, by the strict parser of OpenMetrics."""
        answer = httpx.get(f"{self.at[process]}/metrics", headers={"accept": OPENMETRICS}, timeout=60)
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        families = text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
        return {family.name: family for family in families}

    def value(self, process: str, sample: str, **labels: str) -> float:
        """The sum of a sample over all series with these labels."""
        samples = (s for family in self.scraped(process).values() for s in family.samples if s.name == sample)
        return float(sum(s.value for s in samples if labels.items() <= s.labels.items()))

    def pays(self, number: str, *traces: str | None, begins_traces: bool = False) -> None:
        """The invoice of this number comes, once for each of these trace contexts: the second is a duplicate."""
        with Client(self.bootstrap, self.space, begins_traces=begins_traces) as client:
            for n, trace in enumerate(traces):
                said = InvoiceReceived(
                    number=number,
                    invoice=f"{number}-{n}",
                    amount=Money(amount=Decimal(10)),
                    issued_on=date(2026, 11, 2),
                    due_on=date(2099, 1, 1),
                )
                client.send(said, f"vendor/{number}", source="/tests", traceparent=trace)

    def told_of(self, what: str) -> Request:
        """The webhook's request about something, once it has come."""

        def found() -> list[Request]:
            return [request for request in self.hooks.requests if what.encode() in request.body]

        return eventually(found, bool)[0]


@contextmanager
def program(bootstrap: str, home: Path) -> Iterator[Running]:
    space = Space(f"ops-{uuid.uuid4().hex[:8]}")
    with serving() as hooks:
        config = home / "backoffice.yaml"
        config.write_text(CONFIG.format(space=space.name, address=hooks.url()))
        with running(bootstrap, home, "run", "--config", str(config), "--metrics-port", "0"):
            found = Running(bootstrap, home, space, hooks)
            found.becomes_ready()
            yield found


@pytest.fixture(scope="module")
def office(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with program(bootstrap, tmp_path_factory.mktemp("operations")) as found:
        yield found


# Traces


def trace_of(request: Request) -> tuple[str, str]:
    """The trace ids of a webhook's header and payload."""
    return request.headers["traceparent"].split("-")[1], json.loads(request.body)["traceparent"].split("-")[1]


def test_a_webhook_gets_the_trace_of_the_event_that_led_to_it(office: Running) -> None:
    office.pays("INV-1", FIRST, SECOND)
    request = office.told_of("INV-1")
    assert trace_of(request) == ("b" * 32, "b" * 32)
    assert json.loads(request.body)["alerts"][0]["traceparent"] == SECOND
    assert request.headers["traceparent"] != SECOND, "the notice is a span of its own"


def test_a_trace_may_begin_with_the_client(office: Running) -> None:
    office.pays("INV-2", None, None, begins_traces=True)
    header, payload = trace_of(office.told_of("INV-2"))
    assert header == payload
    assert re.fullmatch("[0-9a-f]{32}", header)


def test_an_alert_that_another_program_posts_goes_on_with_its_trace(office: Running) -> None:
    labels = {"alertname": "DiskFull", "instance": "db-1"}
    answer = httpx.post(f"{office.at['api']}/api/v2/alerts", json=[{"labels": labels}], headers={"traceparent": FIRST})
    assert answer.status_code == 200
    assert trace_of(office.told_of("DiskFull")) == ("a" * 32, "a" * 32)


def test_where_no_event_brings_a_trace_none_is_told(office: Running) -> None:
    office.pays("INV-3", None, None)
    request = office.told_of("INV-3")
    assert "traceparent" not in {name.lower() for name in request.headers}
    assert "traceparent" not in json.loads(request.body)


# Metrics


@pytest.mark.parametrize("process", ["worker", "notifier", "api", "archive"])
def test_a_running_process_tells_what_its_code_declares_and_nothing_else(office: Running, process: str) -> None:
    found = {name for name in office.scraped(process) if name.startswith("backoffice_")}
    parts = ("api", "console") if process == "api" else (process,)  # `run` serves both in one process
    declared = {re.sub("_(total|info)$", "", one.name) for part in parts for one in described(registries()[part])}
    assert found == declared


@pytest.mark.timeout(BUILD_TIMEOUT)
@pytest.mark.parametrize("process", ["worker", "notifier", "api", "archive"])
def test_promtool_has_nothing_to_say(office: Running, process: str) -> None:
    text = httpx.get(f"{office.at[process]}/metrics", timeout=60).text
    done = subprocess.run(
        [go_tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_numbers_are_those_of_what_happened(office: Running) -> None:
    office.pays("INV-4", None, None)
    office.told_of("INV-4")
    told = eventually(
        lambda: office.value("notifier", "backoffice_notices_total", receiver="books", outcome="delivered"), bool
    )
    assert office.value("notifier", "backoffice_notice_delivery_seconds_count") >= told
    assert office.value("notifier", "backoffice_delivery_tries_total", channel="webhook", outcome="taken") >= told
    assert office.value("worker", "backoffice_records_total", processor="accounting") >= 2
    assert office.value("worker", "backoffice_outputs_total", processor="accounting", to="alerting") >= 1
    assert office.value("worker", "backoffice_outputs_total", processor="alerting", to="notices") >= 1
    duplicates = {"department": "accounting", "severity": "error", "state": "open"}
    eventually(lambda: office.value("api", "backoffice_alerts_firing", **duplicates), bool)
    eventually(lambda: office.value("worker", "backoffice_lag_records"), lambda behind: behind == 0)
    left = "backoffice_consumer_lag_records"
    eventually(lambda: office.value("notifier", left), lambda behind: behind <= 1)  # the end of alerting's transaction
    assert 0 <= office.value("worker", "backoffice_lag_seconds", processor="accounting") < 60


# Health


def test_without_a_broker_all_live_and_none_is_ready_and_with_it_all_are_again(
    tmp_path: Path, broker_home: BrokerHome
) -> None:
    home = BrokerHome(tmp_path / "broker", broker_home.jars)
    bootstrap = ensure(home=home, legs=("embedded",)).bootstrap_servers
    try:
        with program(bootstrap, tmp_path) as office:
            # A worker whose transaction is cut off ends and is started again; one that has nothing to do waits.
            eventually(lambda: lag(bootstrap, office.space, [*inboxes().values()]), lambda n: not any(n.values()))
            stop(home=home)
            for process in office.at:
                _, said = eventually(
                    lambda process=process: office.asked(process, "/readyz"),  # type: ignore[misc]
                    lambda answer: answer[0] == 503,
                    within=240,
                )
                assert said["status"] == "unavailable"
                assert any("broker" in reason for reason in said["reasons"]), said
                assert office.asked(process, "/healthz") == (200, OK)
            assert ensure(home=home, legs=("embedded",)).bootstrap_servers == bootstrap
            office.becomes_ready()
            assert all(office.asked(process, "/healthz") == (200, OK) for process in office.at)
    finally:
        stop(home=home, erase=True)
