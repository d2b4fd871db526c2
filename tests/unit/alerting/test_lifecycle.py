"""An alert's life, as people hear of it."""

from schemas.alerts import Alert
from tests.unit.alerting.saying import (
    acknowledges,
    alert,
    cannot_reach,
    ends,
    fires,
    of,
    office,
    reaches,
    resolves_by_hand,
    settings,
    told,
)

CRITICAL_TO_SECURITY = {
    "receiver": "clerk",
    "routes": [{"matchers": ['severity="critical"'], "receiver": "security", "continue": True}, {}],
}


def test_a_condition_becomes_an_alert_with_the_labels_that_routes_read() -> None:
    said = alert(office().receives(fires(labels={"invoice": "INV-7", "severity": "not this one"})))
    assert (said.status, said.rule, said.subject, said.receivers) == (
        "firing",
        "accounting.duplicate_invoice",
        "vendor/acme",
        ("clerk",),
    )
    assert said.labels == {
        "alertname": "accounting.duplicate_invoice",
        "department": "accounting",
        "severity": "error",
        "subject": "vendor/acme",
        "invoice": "INV-7",
    }
    assert said.annotations == {"summary": "Invoice INV-7 of acme came twice"}


def test_the_first_notice_goes_to_whom_the_route_names_and_says_what_it_is_about() -> None:
    (notice,) = office().receives(fires()).notices()
    assert (notice.about.subject, notice.receiver, notice.reason) == (
        "receiver/clerk",
        "clerk",
        "first notification",
    )
    assert (notice.fingerprints, notice.status) == ((of(),), "firing")
    assert notice.summary == "Invoice INV-7 of acme came twice"


def test_how_an_alert_stands_is_said_before_anybody_is_told() -> None:
    it = office().receives(fires())
    assert [alert(it).about.id, it.notices()[0].about.id] == ["0-1-1", "0-1-3"], "after how the group stands"


def test_worse_is_told_to_all_who_knew_and_first_to_those_it_concerns_only_now() -> None:
    it = office(route=CRITICAL_TO_SECURITY).receives(fires(severity="warning"), fires(severity="critical"))
    assert told(it) == [
        ("clerk", "first notification"),
        ("security", "first notification"),
        ("clerk", "alert changed"),
    ]


def test_better_or_other_words_change_the_alert_and_disturb_nobody() -> None:
    it = office().receives(fires(), fires(summary="Invoice INV-7 of acme came three times"), fires(severity="info"))
    assert told(it) == [("clerk", "first notification")]
    assert alert(it).labels["severity"] == "info"
    assert len(it.said(Alert)) == 3


def test_an_alert_that_changes_keeps_its_beginning_and_its_acknowledgement() -> None:
    it = office().receives(fires(severity="warning"), acknowledges(note="calling the vendor"))
    it.receives(fires(severity="critical")).passes("2026-01-06")
    assert alert(it).acknowledged_by == "dana"
    assert alert(it).annotations["acknowledgement"] == "calling the vendor"
    assert told(it)[1:] == [("clerk", "alert changed")]


def test_everybody_who_was_told_hears_that_it_is_over() -> None:
    it = office().receives(fires()).passes("2026-01-05T08:20").receives(ends())
    assert told(it)[-2:] == [("clerk", "all alerts resolved"), ("manager", "all alerts resolved")]
    assert (alert(it).status, alert(it).annotations["resolution"]) == ("resolved", "the invoice was rejected")


def test_who_hears_of_it_by_a_route_of_their_own_and_by_escalation_hears_once_that_it_is_over() -> None:
    both = [{"receiver": "manager", "escalation": "none", "continue": True}, {}]
    it = office(route={"receiver": "clerk", "escalation": "up", "routes": both}).receives(fires())
    it.passes("2026-01-05T08:20").receives(ends())
    assert told(it)[2:] == [
        ("manager", "escalated: not acknowledged in time"),
        ("manager", "all alerts resolved"),
        ("clerk", "all alerts resolved"),
    ]


def test_a_condition_that_begins_again_is_a_new_alert_that_nobody_has_acknowledged() -> None:
    it = office().receives(fires(), acknowledges(), ends(), fires())
    assert (alert(it).status, alert(it).acknowledged_by, alert(it).ends_at) == ("firing", None, None)
    assert told(it)[-1] == ("clerk", "first notification")


def test_resolved_by_hand_holds_until_the_condition_has_ended_and_begun_again() -> None:
    it = office().receives(fires(), resolves_by_hand(), fires(severity="critical"), fires(summary="still so"))
    assert (alert(it).status, alert(it).annotations["resolution"]) == ("resolved", "by dana: known, harmless")
    assert told(it) == [("clerk", "first notification"), ("clerk", "all alerts resolved")]

    it.receives(ends())
    assert len(told(it)) == 2, "it was over already"

    it.receives(fires())
    assert alert(it).status == "firing"
    assert told(it)[2:] == [("clerk", "first notification")]


def test_resolved_by_hand_holds_longer_than_a_resolved_alert_is_remembered() -> None:
    it = office().receives(fires(), resolves_by_hand()).passes("2026-06-01").receives(fires(severity="critical"))
    assert alert(it).status == "resolved"


def test_commands_about_an_alert_that_is_not_there_change_nothing() -> None:
    it = office().receives(ends(), acknowledges(), resolves_by_hand(), cannot_reach("clerk"), reaches("clerk"))
    assert (it.alerts(), told(it), it.dead_letters) == ({}, [], [])


def test_a_second_person_takes_an_alert_over_and_the_same_person_twice_is_once() -> None:
    it = office().receives(fires(), acknowledges(by="dana"), acknowledges(by="dana"))
    assert len(it.said(Alert)) == 2
    assert alert(it.receives(acknowledges(by="noor"))).acknowledged_by == "noor"


def test_an_alert_says_whom_the_last_notice_did_not_reach() -> None:
    it = office().receives(fires(), cannot_reach("clerk"))
    assert alert(it).delivery_failed == ("clerk",)
    assert alert(it.receives(reaches("clerk"))).delivery_failed == ()


def test_a_resolved_alert_is_forgotten_after_some_days() -> None:
    it = office().receives(fires(), ends())
    assert of() in it.state("office").alerts
    days = settings().resolved_retention_days
    it.passes(f"2026-01-{5 + days + 1:02}")
    assert it.state("office") is None or of() not in it.state("office").alerts
