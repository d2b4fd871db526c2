"""`make demo`'s path, as a user without a terminal runs it: the simulator knows which alerts must come."""

import re
import signal
from pathlib import Path

import httpx
import pytest

from infra.admin import admin
from tests.kafka.program import backoffice, eventually, running

pytestmark = pytest.mark.kafka


def test_the_demo_finds_every_planted_problem_and_leaves_nothing_behind(bootstrap: str, tmp_path: Path) -> None:
    demo = backoffice(bootstrap, tmp_path, "demo")
    assert demo.returncode == 0, demo.stdout[-3_000:] + demo.stderr[-3_000:]
    for department in ("hr.", "accounting.", "it.", "front_office.", "manufacturing.", "management."):
        assert department in demo.stdout
    summary = re.search(
        r"(\d+) alerts of \d departments: (\d+) from deadlines that passed, (\d+) acknowledged, "
        r"(\d+) escalated to a second person, (\d+) resolved",
        demo.stdout,
    )
    assert summary, demo.stdout[-3_000:]
    assert all(int(n) > 0 for n in summary.groups())
    assert "escalated: not acknowledged in time" in demo.stdout
    told = re.search(r"(\d+) notices to (\d+) people", demo.stdout)
    assert told
    assert int(told[1]) > 39, "everybody concerned is told of each alert"
    assert int(told[2]) > 4
    assert "Every planted problem was found" in demo.stdout
    with admin(bootstrap) as cluster:
        assert not [topic for topic in cluster.list_topics() if topic.startswith("demo-")]


def test_the_demo_has_a_console_while_it_stays(bootstrap: str, tmp_path: Path) -> None:
    with running(bootstrap, tmp_path, "demo", "--stay") as demo:
        said = eventually(
            lambda: re.search(r"Console: (http://\S+) - sign in as (\w+) with (\S+)", _log(tmp_path)), bool, within=300
        )
        assert said
        html = {"accept": "text/html"}
        with httpx.Client(base_url=said[1], headers=html, follow_redirects=True, timeout=60) as browser:
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.get("").text))
            page = browser.post("sign-in", data={**fields, "user": said[2], "password": said[3]})
        assert (page.status_code, "Now · Backoffice" in page.text) == (200, True)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 130


def _log(home: Path) -> str:
    return (home / "process.log").read_text()


def test_the_demo_can_be_stopped_in_the_middle(bootstrap: str, tmp_path: Path) -> None:
    with running(bootstrap, tmp_path, "demo") as demo:
        eventually(lambda: (tmp_path / "process.log").read_text(), lambda said: "first notification" in said)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(20) == 130
    with admin(bootstrap) as cluster:
        assert not [topic for topic in cluster.list_topics() if topic.startswith("demo-")]
