"""`/act/<token>`: links in mails and chats. Looking changes nothing; pressing the button does."""

import re
from datetime import timedelta

import httpx
import pytest

from consumers.links import Action, sign
from schemas.commands import AlertAcknowledge, AlertResolve, AlertSnooze, AlertUnacknowledge, Command
from tests.office import START
from tests.unit.alerting.saying import ends, fires, of
from tests.unit.api.served import KEY, Served, a_group, an_alert, token


def link(
    action: Action = "acknowledge", subject: str | None = None, by: str = "accounting-clerk", key: str = KEY
) -> str:
    return f"/act/{sign(key, action, subject or f'alert/{of()}', by, START + timedelta(hours=1))}"


def press(served: Served, path: str, minutes: int | None = None) -> httpx.Response:
    return served.ask("POST", path, data={} if minutes is None else {"minutes": str(minutes)})


def test_looking_asks_and_changes_nothing() -> None:
    served = Served().receives(fires())
    for method in ("GET", "HEAD"):
        answer = served.ask(method, link())
        assert answer.status_code in (200, 405)
    page = served.get(link())
    assert "Acknowledge: Invoice INV-7 of acme came twice" in page.text
    assert "accounting-clerk" in page.text
    assert '<form method="post">' in page.text
    assert not served.said


@pytest.mark.parametrize(
    ("action", "minutes", "command"),
    [
        ("acknowledge", None, AlertAcknowledge(by="accounting-clerk")),
        ("unacknowledge", None, AlertUnacknowledge(by="accounting-clerk")),
        ("resolve", None, AlertResolve(by="accounting-clerk")),
        ("snooze", 240, AlertSnooze(by="accounting-clerk", until=START.replace(hour=12))),
    ],
)
def test_pressing_does_it(action: Action, minutes: int | None, command: Command) -> None:
    served = Served().receives(fires())
    answer = press(served, link(action), minutes)
    assert answer.status_code == 200
    assert "Done" in answer.text
    assert served.commands == [command]
    ((who, done),) = served.audited
    assert (who, done.by_way_of) == ("person/accounting-clerk", "link in a notice")


def test_pressing_twice_is_one_command() -> None:
    served = Served().receives(fires())
    press(served, link())
    press(served, link())
    assert len({one.id for one in served.said if isinstance(one.event, AlertAcknowledge)}) == 1


@pytest.mark.parametrize("minutes", [None, 0, 59, 10**9])
def test_only_what_the_page_offers_can_be_chosen(minutes: int | None) -> None:
    served = Served().receives(fires())
    assert press(served, link("snooze"), minutes).status_code == 410
    assert not served.said


def test_a_link_ends() -> None:
    served = Served().receives(fires())
    served.office.now = START + timedelta(minutes=59, seconds=59)
    assert served.get(link()).status_code == 200
    served.office.now = START + timedelta(hours=1)
    assert served.get(link()).status_code == 410
    assert press(served, link()).status_code == 410
    assert not served.said


@pytest.mark.parametrize("path", [link(key="somebody else's key, long enough"), link()[:-2], "/act/x", "/act/x.y"])
def test_a_link_that_we_did_not_sign_does_nothing(path: str) -> None:
    served = Served().receives(fires())
    assert served.get(path).status_code == 410
    assert press(served, path).status_code == 410
    assert not served.said


def test_without_a_key_no_link_works() -> None:
    served = Served(link_key=None).receives(fires())
    assert served.get(link()).status_code == 410


def test_what_is_over_needs_nobody() -> None:
    served = Served().receives(fires(), ends())
    assert served.get(link()).status_code == 409
    assert press(served, link()).status_code == 409
    assert served.get(link(subject=f"alert/{'0' * 16}")).status_code == 409
    assert not served.said


def test_a_link_may_be_about_a_group() -> None:
    served = Served().shows(a_group(firing=3, labels={"site": "x"}))
    path = link(subject=f"group/{'b' * 16}")
    assert "3 alerts for it-clerk" in served.get(path).text
    assert press(served, path).status_code == 200
    assert served.said[0].subject == f"group/{'b' * 16}"


def test_a_group_that_is_taken_by_its_link_climbs_no_further() -> None:
    """From the notice that carries the link to what the page's button does to every alert of the group."""
    settings = {
        "route": {"receiver": "clerk", "group_by": ["alertname"], "group_wait": "0s"},
        "receivers": [{"name": "clerk"}],
    }
    served = Served(settings=settings).receives(fires(subject="vendor/acme"), fires(subject="vendor/zeta"))
    served.later(minutes=10)
    notice = served.office.notices()[0]
    path = link(subject=f"group/{notice.group}", by=notice.receiver)
    assert "2 alerts for clerk" in served.get(path).text
    assert press(served, path).status_code == 200
    taken = {alert.acknowledged_by for alert in served.office.alerts().values()}
    assert taken == {"clerk"}


def test_no_token_is_asked_for() -> None:
    served = Served(tokens=[token("somebody")]).receives(fires())
    assert served.get(link(), host="backoffice.example.com").status_code == 200


def test_what_cannot_be_put_on_record_is_not_done() -> None:
    served = Served().receives(fires())
    served.log_is_away = True
    answer = press(served, link())
    assert answer.status_code == 503
    assert "try again" in answer.text


def test_what_an_alert_says_is_text_and_nothing_is_loaded_or_run() -> None:
    served = Served().shows(an_alert(of(), annotations={"summary": "<script>alert(1)</script>"}, acknowledged_by="<b>"))
    page = served.get(link(by="<i>"))
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert "<i>" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"(src|href)=", page.text)
