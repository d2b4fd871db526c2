"""What IT tells others: changes, freezes, designs, outages, incidents, accounts, and what needs what."""

from datetime import date, datetime
from typing import Any

import pytest

from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import (
    FREEZES,
    AccountStated,
    ChangePlanned,
    ChangeTold,
    DeadlineDepends,
    DesignBuilt,
    DesignTold,
    FreezeTold,
    ServiceDependsOn,
    ServiceDown,
    ServiceUp,
)
from schemas.facts import IncidentOpened as Opened
from schemas.it import (
    AccountDeprovisioned,
    AccountProvisioned,
    AccountProvisionRequested,
    ChangeCancelled,
    ChangeCompleted,
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    DeadlineCredited,
    DependentDeclared,
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    FreezeDeclared,
    FreezeLifted,
    IncidentAssigned,
    IncidentOpened,
    ITEvent,
    OutageDetected,
    OutageResolved,
    OutageUpdated,
    ServiceDeclared,
)
from tests.office import Office, instant
from tests.unit.departments.telling_it import incident, it_office, on_monday, says, vpn


def told(office: Office, *types: type[Event]) -> list[tuple[str, Event, str]]:
    """What was told: the subject, the fact without its record, and the id of that record."""
    facts: list[Any] = office.said(*types)
    return [(fact.about.subject, fact.model_copy(update={"record": None}), fact.record.id) for fact in facts]


def on(clock: str) -> datetime:
    return instant(on_monday(clock))


# Changes


def change(*events: ITEvent) -> list[Emission]:
    return says("change/CHG-1", *events)


def planned(service: str = "vpn", ends: str = "22:00", design: str | None = None) -> ChangeScheduled:
    return ChangeScheduled(service=service, starts_at=on("20:00"), ends_at=on(ends), design=design)


def test_a_change_is_told_to_its_service_among_the_freezes_and_to_its_design() -> None:
    office = it_office().receives(*change(planned(design="DSN-1")), id="plan")
    office.at(on("20:05")).receives(*change(ChangeStarted()), id="began")
    office.at(on("21:00")).receives(*change(ChangeCompleted()), id="over")
    times: dict[str, Any] = {"change": "CHG-1", "starts_at": on("20:00"), "ends_at": on("22:00")}
    built: dict[str, Any] = {"change": "CHG-1", "service": "vpn"}
    assert told(office, ChangeTold, ChangePlanned, DesignBuilt) == [
        ("service/vpn", ChangeTold(**times, revision=1), "plan"),
        (FREEZES, ChangePlanned(**times, service="vpn", holds=True, revision=1), "plan"),
        ("design/DSN-1", DesignBuilt(**built, built=False, revision=1), "plan"),
        ("service/vpn", ChangeTold(**times, began_at=on("20:05"), revision=2), "plan"),
        (FREEZES, ChangePlanned(**times, service="vpn", holds=True, revision=2), "plan"),
        ("design/DSN-1", DesignBuilt(**built, built=True, revision=2), "plan"),
        ("service/vpn", ChangeTold(**times, began_at=on("20:05"), over_at=on("21:00"), revision=3), "plan"),
        (FREEZES, ChangePlanned(**times, service="vpn", holds=False, revision=3), "plan"),
        ("design/DSN-1", DesignBuilt(**built, built=True, revision=3), "plan"),
    ]


def test_a_change_of_another_service_and_design_is_taken_back_where_it_was() -> None:
    office = it_office().receives(*change(planned(design="DSN-1"), planned("mail", design="DSN-2"), planned("mail")))
    services = [(subject, fact.holds, fact.revision) for subject, fact, _ in facts(office, ChangeTold)]
    assert services == [
        ("service/vpn", True, 1),
        ("service/vpn", False, 2),
        ("service/mail", True, 2),
        ("service/mail", True, 3),
    ]
    designs = [(subject, fact.service, fact.built) for subject, fact, _ in facts(office, DesignBuilt)]
    assert designs == [
        ("design/DSN-1", "vpn", False),
        ("design/DSN-1", "vpn", False),
        ("design/DSN-2", "mail", False),
        ("design/DSN-2", "mail", False),
    ]


def facts(office: Office, of: type[Event]) -> list[tuple[str, Any, str]]:
    return told(office, of)


def test_the_same_plan_again_is_no_news() -> None:
    office = it_office().receives(*change(planned(), planned()))
    assert len(facts(office, ChangeTold)) == 1
    assert office.state("change/CHG-1").status == "scheduled"


@pytest.mark.parametrize(
    ("end", "began", "built"),
    [
        (ChangeCompleted(), "19:00", True),
        (ChangeFailed(rolled_back=False), "19:00", True),
        (ChangeFailed(rolled_back=True), "19:00", False),
        (ChangeCancelled(), None, False),
    ],
)
def test_a_change_of_which_nobody_said_that_it_began_began_no_later_than_it_ended(
    end: ITEvent, began: str | None, built: bool
) -> None:
    office = it_office().receives(*change(planned(design="DSN-1"))).at(on("19:00")).receives(*change(end))
    assert facts(office, ChangeTold)[-1][1].began_at == (on(began) if began else None)
    assert facts(office, DesignBuilt)[-1][1].built is built


def test_one_that_ended_after_its_planned_start_began_then() -> None:
    office = it_office().receives(*change(planned())).at(on("21:00")).receives(*change(ChangeCompleted()))
    assert facts(office, ChangeTold)[-1][1].began_at == on("20:00")


def test_the_earliest_word_of_its_beginning_counts_also_after_its_end() -> None:
    office = it_office().receives(*change(planned())).at(on("21:00")).receives(*change(ChangeStarted()))
    office.receives(*change(ChangeCompleted())).receives(*change(ChangeStarted()), time=on("20:10"))
    assert [fact.began_at for _, fact, _ in facts(office, ChangeTold)][1:] == [on("21:00"), on("21:00"), on("20:10")]
    assert office.state("change/CHG-1").status == "completed"


def test_what_is_heard_of_a_change_before_its_plan_is_told_with_it() -> None:
    office = it_office().at(on("21:00")).receives(*change(ChangeCompleted()))
    assert told(office, ChangeTold, ChangePlanned) == []
    office.receives(*change(planned()))
    assert [fact.over_at for _, fact, _ in facts(office, ChangeTold)] == [on("21:00")]
    assert office.state("change/CHG-1").status == "completed"


# Freezes


def freeze(*events: ITEvent) -> list[Emission]:
    return says("freeze/YEAR-END", *events)


def frozen(ends: str, *services: str) -> FreezeDeclared:
    return FreezeDeclared(starts_at=on("18:00"), ends_at=on(ends), services=services)


def test_a_freeze_is_told_when_it_is_declared_moved_and_lifted() -> None:
    office = it_office().at(on("09:00")).receives(*freeze(frozen("20:00", "b", "a", "b")), id="declared")
    office.receives(*freeze(frozen("21:00")), id="moved").receives(*freeze(FreezeLifted()), id="lifted")
    about: dict[str, Any] = {"freeze": "YEAR-END", "starts_at": on("18:00")}
    assert told(office, FreezeTold) == [
        (FREEZES, FreezeTold(**about, ends_at=on("20:00"), services=("a", "b"), holds=True, revision=1), "declared"),
        (FREEZES, FreezeTold(**about, ends_at=on("21:00"), holds=True, revision=2), "moved"),
        (FREEZES, FreezeTold(**about, ends_at=on("21:00"), holds=False, revision=3), "moved"),
    ]
    office.receives(*freeze(frozen("22:00")))
    assert facts(office, FreezeTold)[-1][1].holds


def test_of_two_words_of_a_freeze_the_one_said_later_counts() -> None:
    office = it_office().at(on("12:00")).receives(*freeze(FreezeLifted()), time=on("10:00"))
    assert told(office, FreezeTold) == []
    office.receives(*freeze(frozen("20:00")), time=on("09:59"))
    assert told(office, FreezeTold) == []
    office.receives(*freeze(frozen("20:00")), time=on("10:00"))
    assert [fact.holds for _, fact, _ in facts(office, FreezeTold)] == [True]


# Designs, outages, incidents


def test_how_a_design_stands_is_told_to_those_who_build_it() -> None:
    design = DesignSubmitted(design="D"), DesignRejected(design="D", by="E"), DesignSubmitted(design="D")
    office = it_office()
    for n, event in enumerate((*design, DesignApproved(design="D", by="E"))):
        office.receives(*vpn(event), id=f"e{n}")
    statuses = enumerate(("submitted", "rejected", "submitted", "approved"))
    assert told(office, DesignTold) == [
        ("design/D", DesignTold.model_validate({"service": "vpn", "status": s, "revision": n + 1}), f"e{n}")
        for n, s in statuses
    ]


def test_an_outage_is_told_to_those_who_need_its_service() -> None:
    office = it_office().at(on("11:00"))
    office.receives(*vpn(OutageDetected(outage="O-1", since=on("09:00"))), id="down")
    office.receives(*vpn(OutageDetected(outage="O-1", since=on("09:30"), impact="partial")), id="again")
    office.receives(*vpn(OutageUpdated(outage="O-1", since=on("08:50"))), id="earlier")
    office.receives(*vpn(OutageResolved(outage="O-1", until=on("10:00"))), id="up")
    assert told(office, ServiceDown, ServiceUp) == [
        ("service/vpn", ServiceDown(outage="O-1", since=on("09:00"), revision=1), "down"),
        ("service/vpn", ServiceDown(outage="O-1", since=on("08:50"), revision=2), "earlier"),
        ("service/vpn", ServiceUp(outage="O-1", since=on("08:50"), until=on("10:00"), revision=3), "up"),
    ]


def test_an_incident_is_told_once_to_its_category() -> None:
    opening = IncidentOpened(opened_at=on("08:30"), priority=3, category="Network")
    office = it_office().at(on("09:00")).receives(*incident(IncidentAssigned(group="G")))
    assert told(office, Opened) == []
    office.receives(*incident(opening), id="opened").receives(*incident(opening))
    assert told(office, Opened) == [("category/Network", Opened(incident="INC-7", opened_at=on("08:30")), "opened")]


def test_an_incident_without_a_category_is_told_to_nobody_also_when_it_gets_one() -> None:
    said = (IncidentOpened(opened_at=on("08:30"), priority=3, category=each) for each in (None, "Network"))
    assert told(it_office().receives(*incident(*said)), Opened) == []


# Accounts


def account(*events: ITEvent) -> list[Emission]:
    return says("account/A-1", *events)


def test_an_account_is_told_to_its_owner_by_what_turned_it() -> None:
    office = it_office().receives(*account(AccountProvisioned()), id="there")
    assert told(office, AccountStated) == []
    office.receives(*account(AccountProvisionRequested(person="E-1")), id="asked")
    office.receives(*account(AccountDeprovisioned()), id="gone").receives(*account(AccountDeprovisioned()))
    assert told(office, AccountStated) == [
        ("person/E-1", AccountStated(account="A-1", active=True, revision=1), "there"),
        ("person/E-1", AccountStated(account="A-1", active=False, revision=2), "gone"),
    ]


def test_a_former_owner_hears_that_it_is_not_theirs() -> None:
    asked = (AccountProvisionRequested(person=person) for person in ("E-1", "E-2"))
    office = it_office().receives(*account(AccountProvisioned(), *asked))
    said = [(subject, fact.active, fact.revision) for subject, fact, _ in facts(office, AccountStated)]
    assert said == [("person/E-1", True, 1), ("person/E-1", False, 2), ("person/E-2", True, 3)]


def test_an_account_that_needs_a_service_that_is_down_has_that_much_more_time() -> None:
    asked = AccountProvisionRequested(person="E-1", needs_service="vpn")
    office = it_office().at(on("10:00")).receives(*account(asked), id="asked")
    about: dict[str, Any] = {"department": "it", "subject": "account/A-1", "name": DUE, "since": on("10:00")}
    assert told(office, DeadlineDepends) == [("service/vpn", DeadlineDepends(**about, revision=1), "asked")]
    office.at("2026-01-06T12:00").receives(*account(credit("10:00", "11:30")))
    assert office.at("2026-01-07T10:30").firing() == set()
    assert office.at("2026-01-07T10:30:01").one("it.provisioning_overdue").due == instant("2026-01-07T10:30")
    office.receives(*account(AccountProvisioned()), id="there")
    withdrawn = DeadlineDepends(**about, withdrawn=True, revision=2)
    assert told(office, DeadlineDepends)[1:] == [("service/vpn", withdrawn, "there")]


DUE = "it.provisioning_overdue/due"


def credit(since: str, until: str) -> DeadlineCredited:
    begin, end = instant(f"2026-01-06T{since}"), instant(f"2026-01-06T{until}")
    return DeadlineCredited(deadline=DUE, service="vpn", outage="O-1", since=begin, until=end)


def test_an_account_said_to_be_late_has_its_time_back_when_the_outage_is_told_later() -> None:
    asked = AccountProvisionRequested(person="E-1", needs_service="vpn")
    office = it_office().at(on("10:00")).receives(*account(asked)).at("2026-01-07T09:00")
    assert office.firing() == {"it.provisioning_overdue"}
    assert office.receives(*account(credit("10:00", "11:00"))).firing() == set()
    assert office.at("2026-01-07T10:00:01").firing() == {"it.provisioning_overdue"}


@pytest.mark.parametrize(
    ("asked_at", "starts_on", "due"),
    [
        ("2026-01-05T23:59", date(2026, 1, 6), "2026-01-06T00:00"),
        ("2026-01-06T00:00", date(2026, 1, 6), "2026-01-07T17:00"),
        ("2026-01-05T10:00", date(2026, 1, 7), "2026-01-06T17:00"),
        ("2026-01-05T10:00", date.min, "2026-01-06T17:00"),
    ],
)
def test_an_account_is_due_by_its_owners_first_day_unless_that_has_begun(
    asked_at: str, starts_on: date, due: str
) -> None:
    asked = AccountProvisionRequested(person="E-1", starts_on=starts_on)
    office = it_office().at(asked_at).receives(*account(asked))
    assert office.at(due).firing() == set()
    assert office.at(f"{due}:01").one("it.provisioning_overdue").due == instant(due)


@pytest.mark.parametrize(
    ("end", "says"),
    [(AccountProvisioned(), "it is provisioned"), (AccountDeprovisioned(), "it is not needed any more")],
)
def test_an_overdue_account_ends_as_it_does(end: ITEvent, says: str) -> None:
    office = it_office().at(on("10:00")).receives(*account(AccountProvisionRequested(person="E-1"))).at("2026-01-08")
    office.receives(*account(end))
    assert [getattr(s, "because", None) for s in office.signals()][-1] == says


def test_a_request_at_the_very_instant_the_account_was_there_waits_for_nothing_and_a_later_one_does() -> None:
    office = it_office().at(on("10:00")).receives(*account(AccountProvisioned(), AccountDeprovisioned()))
    office.receives(*account(AccountProvisionRequested(person="E-1")))
    assert office.at("2026-01-08").firing() == set()
    office.receives(*account(AccountProvisionRequested(person="E-1")))
    assert office.at("2026-01-12").firing() == {"it.provisioning_overdue"}


def test_older_word_of_an_account_changes_nothing() -> None:
    office = it_office().at(on("12:00")).receives(*account(AccountProvisioned()), time=on("11:00"))
    office.receives(*account(AccountDeprovisioned()), time=on("10:59"))
    assert office.state("account/A-1").active
    assert not office.receives(*account(AccountDeprovisioned()), time=on("11:00")).state("account/A-1").active


# What needs what


def test_a_service_tells_what_it_needs_and_no_longer_needs() -> None:
    office = it_office()
    for needs in (("b", "a", "crm"), ("b", "a"), ("c", "b")):
        office.receives(("service/crm", ServiceDeclared(category="application", dependencies=needs)))
    said: list[Any] = office.said(ServiceDependsOn)
    assert [(s.about.subject, s.dependencies, s.revision) for s in said] == [
        ("service/crm", ("a", "b"), 1),
        ("service/crm", ("b", "c"), 2),
    ]
    heard: list[Any] = [s for s in office.said(DependentDeclared) if s.about.source != "/tests"]
    assert [(s.about.subject, s.dependent, s.behind, s.depends) for s in heard] == [
        ("service/a", "crm", (), True),
        ("service/b", "crm", (), True),
        ("service/a", "crm", (), False),
        ("service/c", "crm", (), True),
    ]


def test_what_is_behind_a_service_is_told_on_only_when_it_is_news() -> None:
    office = it_office().receives(("service/crm", ServiceDeclared(category="application", dependencies=("vpn",))))
    behind = DependentDeclared(dependent="shop", behind=("vpn",))
    office.receives(("service/crm", behind), ("service/crm", behind))
    heard: list[Any] = [s for s in office.said(DependentDeclared) if s.about.subject == "service/vpn"]
    assert [s.behind for s in heard] == [(), ("shop",)], "itself is not behind itself"
