"""Several notices as one: the latest state of each alert, and nothing that was said lost."""

from datetime import timedelta

import pytest

from consumers.notify.together import MOST_ALERTS, SEVERAL_GROUPS, by_group, together
from schemas.notices import Notice, NoticeAlert
from tests.unit.notify.hooks import DOWN, WHEN, notice


def alert(name: str, status: str = "firing", **labels: str) -> NoticeAlert:
    fingerprint = name.encode().hex().rjust(16, "0")
    changes = {"fingerprint": fingerprint, "status": status, "labels": {**DOWN.labels, "subject": name, **labels}}
    return DOWN.model_copy(update=changes)


def told(said: Notice) -> dict[str, str]:
    return {alert.labels["subject"]: alert.status for alert in said.alerts}


def test_one_is_itself() -> None:
    said = notice()
    assert together([said]) is said


def test_of_each_alert_the_latest_state_is_told_and_what_ended_in_between_too() -> None:
    first = notice("1", alerts=(alert("vpn"), alert("mail")))
    second = notice("2", alerts=(alert("vpn"), alert("mail", "resolved")))
    third = notice("3", alerts=(alert("vpn"), alert("web")))
    said = together([first, second, third])
    assert told(said) == {"vpn": "firing", "web": "firing", "mail": "resolved"}
    assert (said.status, said.reason, said.stands_for) == ("firing", "held back until now", ("1", "2", "3"))
    assert (said.group, said.group_key, said.summary) == (first.group, first.group_key, first.summary)


def test_when_all_have_ended_it_is_over() -> None:
    said = together([notice("1"), notice("2", alerts=(DOWN.model_copy(update={"status": "resolved"}),))])
    assert said.status == "resolved"


def test_several_groups_are_counted_and_are_one_group_of_their_own() -> None:
    one = notice("1", alerts=(alert("vpn", severity="warning"),), group="0" * 16, truncated=5)
    other = notice("2", alerts=(alert("mail"), alert("web", "resolved")), group="1" * 16, policy="it")
    again = notice("3", alerts=(alert("vpn", severity="warning"),), group="0" * 16, truncated=4)
    said = together([one, other, again])
    assert said.summary == "2 of 3 alerts in 2 groups fire"
    assert (said.group_key, said.group_labels, said.policy, said.truncated) == (SEVERAL_GROUPS, {}, None, 4)
    assert said.group not in (one.group, other.group)
    assert said.common_labels == {"alertname": "it.outage", "department": "it"}
    assert said.severity == "critical"
    assert said.group == together([again, other]).group, "so that a thread of mails holds them all"


def test_the_same_notices_are_the_same_message_and_others_are_not() -> None:
    assert together([notice("1"), notice("2")]).about.id == together([notice("1"), notice("2")]).about.id
    assert together([notice("1"), notice("2")]).about.id != together([notice("1"), notice("3")]).about.id
    last = notice("2").with_about(notice("2").about._replace(time=WHEN + timedelta(hours=1)))
    assert isinstance(last, Notice)
    assert together([notice("1"), last]).about.time == WHEN + timedelta(hours=1)


def test_what_does_not_fit_is_counted() -> None:
    many = [notice(str(n), alerts=tuple(alert(f"{n}-{m}") for m in range(300))) for n in range(4)]
    said = together(many)
    assert (len(said.alerts), said.truncated) == (MOST_ALERTS, 1200 - MOST_ALERTS)


def test_groups_keep_the_order_in_which_they_were_told_of() -> None:
    notices = [notice("1", group="b" * 16), notice("2", group="a" * 16), notice("3", group="b" * 16)]
    assert [[said.about.id for said in group] for group in by_group(notices)] == [["1", "3"], ["2"]]


@pytest.mark.parametrize("step", [0, 2])
def test_the_highest_step_of_an_escalation_counts(step: int) -> None:
    assert together([notice("1", escalation_step=step), notice("2", escalation_step=1)]).escalation_step == max(1, step)
