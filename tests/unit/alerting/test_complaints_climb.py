"""A complaint goes from the representative to the back-office manager to the executive: without any configuration, and
as the example has it."""

from pathlib import Path

from backoffice.config import load
from backoffice.registry import processors
from backoffice.spaces import as_told
from processors.alerting import alerting
from processors.departments.front_office import department as front_office
from processors.step import Emission
from schemas.commands import AlertAcknowledge
from schemas.front_office import (
    ComplaintAnswered,
    ComplaintDisputed,
    ComplaintReceived,
    ComplaintResolved,
    FrontOfficeEvent,
    RepresentativeGaveUp,
)
from tests.office import Office, instant

MONDAY = "2026-01-05T10:00"


def said(event: FrontOfficeEvent) -> Emission:
    return Emission("complaint/C-1", event)


def complaint() -> Office:
    """C-1 has come, and a representative has answered."""
    received = ComplaintReceived.model_validate({"customer": "CU-1", "received_at": instant(MONDAY)})
    office = Office(processors=[front_office, alerting]).at(MONDAY)
    return office.receives(said(received), said(ComplaintAnswered(by="R-1")))


def escalated(office: Office) -> list[tuple[str, str, str]]:
    """Who was told of the escalated complaint: when, whom, why."""
    ours = [n for n in office.notices() if n.common_labels["alertname"] == "front_office.escalated"]
    return [(f"{n.about.time:%a %H:%M}", n.receiver, n.reason) for n in ours]


def test_what_the_representative_cannot_settle_goes_to_the_manager_and_unanswered_to_the_executive() -> None:
    office = complaint().at("2026-01-05T11:00").receives(said(RepresentativeGaveUp(representative="R-1")))
    assert escalated(office) == [("Mon 11:00", "back-office-manager", "first notification")]
    assert escalated(office.passes("2026-01-05T11:30"))[1:] == []
    office.passes("2026-01-05T11:30:01")
    assert escalated(office)[1:] == [("Mon 11:30", "executive", "escalated: not acknowledged in time")]


def test_a_manager_who_takes_it_keeps_it_until_the_client_disputes_again() -> None:
    office = complaint().at("2026-01-05T11:00").receives(said(RepresentativeGaveUp(representative="R-1")))
    (alert,) = (a for a in office.alerts().values() if a.rule == "front_office.escalated")
    office.receives((f"alert/{alert.fingerprint}", AlertAcknowledge(by="mo"))).passes("2026-01-07T09:00")
    assert [who for _, who, _ in escalated(office)] == ["back-office-manager"]
    office.receives(said(ComplaintDisputed()))
    assert escalated(office)[1:] == [("Wed 09:00", "executive", "first notification")]
    office.receives(said(ComplaintResolved()))
    assert escalated(office)[2:] == [("Wed 09:00", "executive", "all alerts resolved")]


def test_a_complaint_that_the_representative_lets_lie_climbs_all_the_way() -> None:
    received = ComplaintReceived.model_validate({"customer": "CU-1", "received_at": instant(MONDAY)})
    office = Office(processors=[front_office, alerting]).at(MONDAY).receives(said(received))
    office.passes("2026-01-06T12:00")
    late = [n for n in office.notices() if n.common_labels["alertname"] == "front_office.first_response"]
    assert [(f"{n.about.time:%a %H:%M}", n.receiver) for n in late] == [
        ("Tue 10:00", "front_office-clerk"),
        ("Tue 10:15", "front_office-manager"),
        ("Tue 10:45", "back-office-manager"),
        ("Tue 11:15", "executive"),
    ]


def test_in_the_example_configuration_it_goes_from_the_representatives_to_the_manager_to_the_executive() -> None:
    every = {processor.name: processor.settings for processor in processors() if processor.name != "alerting"}
    settings = load(Path("infra/backoffice.example.yaml"), every).settings()
    ours = {name: as_told(settings[name]) for name in ("front_office", "alerting")}
    received = ComplaintReceived.model_validate({"customer": "CU-1", "received_at": instant(MONDAY)})
    office = Office(processors=[front_office, alerting], settings=ours).at(MONDAY).receives(said(received))
    office.passes("2026-01-06T12:00")
    late = [n for n in office.notices() if n.common_labels["alertname"] == "front_office.first_response"]
    assert [(f"{n.about.time:%a %H:%M}", n.receiver) for n in late] == [
        ("Tue 10:00", "representatives"),
        ("Tue 10:30", "back-office-manager"),
        ("Tue 11:30", "executive"),
    ]
    office.receives(said(ComplaintAnswered(by="R-1")), said(RepresentativeGaveUp(representative="R-1")))
    office.passes("2026-01-06T13:00:31").receives(said(ComplaintDisputed())).passes("2026-01-06T13:02")
    assert escalated(office) == [
        ("Tue 12:00", "back-office-manager", "first notification"),
        ("Tue 13:00", "executive", "escalated: not acknowledged in time"),
        ("Tue 13:00", "executive", "first notification"),
    ]
