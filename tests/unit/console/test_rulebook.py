"""The rules as the console shows them: their text, how often they fire, and what people say of their alerts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.config import Configuration
from backoffice.registry import processors
from backoffice.rulebook import Registered
from consumers.api.errors import Problem
from consumers.console.rulebook import Tally, judge, share, tallies
from consumers.console.signing_in.people import Person, Role
from consumers.log import Record
from consumers.verdicts import Verdicts
from schemas.audit import AlertJudged
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.topics import Space
from tests.unit.console.test_actions import alert, id_of, served

DANA = Person("dana", Role.OPERATOR)
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_every_rule_is_there_once_by_name() -> None:
    names = [rule.name for rule in Registered(Configuration()).rules]
    assert names == sorted({rule.name for processor in processors() for rule in processor.rules})


def test_a_rule_says_when_it_fires_and_under_which_settings() -> None:
    (overdue,) = (r for r in Registered(Configuration()).rules if r.name == "accounting.invoice_overdue")
    assert overdue.settings_of == "accounting"
    assert "unpaid" in overdue.fires or "paid" in overdue.fires
    assert all(setting.value and (setting.meaning or setting.where) for setting in overdue.settings)


def test_alerts_are_counted_by_when_they_began() -> None:
    one = alert(served())
    ages = (timedelta(hours=1), timedelta(days=1), timedelta(days=2), timedelta(days=30))
    alerts = [one.model_copy(update={"starts_at": AT - age}) for age in ages]
    alerts[0] = alerts[0].model_copy(update={"status": "resolved"})
    assert tallies(alerts, AT) == {"it.outage": Tally(firing=3, day=2, week=3, known=4)}
    assert tallies([], AT) == {}


@pytest.mark.parametrize(("false", "known", "said"), [(0, 10, ""), (1, 4, "25%"), (3, 0, ""), (5, 4, "100%")])
def test_the_rate_of_false_alarms(false: int, known: int, said: str) -> None:
    assert share(false, known) == said


def judged(fingerprint: str, n: int, *, false_alarm: bool) -> Record:
    event = AlertJudged(by="dana", rule="it.outage", false_alarm=false_alarm, note="a drill")
    about = About(id=f"e-{n}", source="/tests", subject=f"alert/{fingerprint}", time=AT)
    return Record("demo.audit", 0, n, AT, b"", encode(event, about), HEADERS)


def test_the_last_word_on_an_alert_counts() -> None:
    verdicts = Verdicts("nowhere:1", Space("demo"))
    assert verdicts.take([judged("a", 1, false_alarm=True), judged("b", 2, false_alarm=True)])
    assert verdicts.counts() == {"it.outage": 2}
    assert verdicts.take([judged("a", 3, false_alarm=False)])
    assert [one.fingerprint for one in verdicts.of("it.outage")] == ["b"]
    assert verdicts.about("a") is None
    assert not verdicts.take([Record("demo.audit", 0, 4, AT, b"", b"no event", ())])


def test_what_somebody_says_of_an_alert_is_on_the_log() -> None:
    office = served()
    judge(office.service, DANA, id_of("vpn"), " a drill ", false_alarm=True)
    (said,) = [one for one in office.said if isinstance(one.event, AlertJudged)]
    assert said.subject == f"alert/{id_of('vpn')}"
    assert json.loads(said.event.model_dump_json()) == {
        "by": "dana",
        "rule": "it.outage",
        "false_alarm": True,
        "note": "a drill",
    }
    with pytest.raises(Problem):
        judge(office.service, DANA, "there-is-none", "", false_alarm=True)
