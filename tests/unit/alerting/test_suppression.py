"""An alert that another one explains is silent, whichever came first."""

from itertools import permutations

import pytest

from tests.office import Office
from tests.unit.alerting.saying import (
    COMPLAINT,
    OUTAGE,
    Said,
    acknowledges,
    alert,
    ends,
    fires,
    links,
    of,
    office,
    resolves_by_hand,
    told,
    unlinks,
)

SILENT = of(*COMPLAINT)
TELLING = of(*OUTAGE)


def about(office: Office, fingerprint: str) -> list[str]:
    return [n.reason for n in office.notices() if n.fingerprints == (fingerprint,)]


def suppressed(office: Office, fingerprint: str = SILENT) -> tuple[str, ...]:
    return alert(office, fingerprint).suppressed_by


def test_a_complaint_about_a_service_that_is_down_tells_nobody() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT)).passes("2026-01-06")
    assert suppressed(it) == (TELLING,)
    assert alert(it, SILENT).suppressed
    assert about(it, SILENT) == []


@pytest.mark.parametrize("order", list(permutations([fires(*OUTAGE), links(), fires(*COMPLAINT)])))
def test_the_order_of_outage_link_and_complaint_does_not_matter(order: tuple[Said, ...]) -> None:
    it = office().receives(*order)
    assert suppressed(it) == (TELLING,)
    assert suppressed(it, TELLING) == ()
    assert about(it.passes("2026-01-06"), SILENT) in ([], ["first notification"]), "told at most before it was linked"


def test_when_the_outage_ends_and_the_complaint_stays_it_is_told_and_the_clock_starts() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT)).at("2026-01-05T10:00").receives(ends(*OUTAGE))
    assert about(it, SILENT) == ["no longer suppressed"]
    it.passes("2026-01-05T10:15:00")
    assert about(it, SILENT) == ["no longer suppressed"]
    it.passes("2026-01-05T10:15:01")
    assert about(it, SILENT)[1:] == ["escalated: not acknowledged in time"]


def test_resolving_the_outage_by_hand_ends_the_explanation_too() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), resolves_by_hand(TELLING))
    assert about(it, SILENT) == ["no longer suppressed"]


def test_when_the_link_is_withdrawn_the_complaint_is_told() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), unlinks())
    assert about(it, SILENT) == ["no longer suppressed"]


def test_when_the_complaint_ends_first_nobody_hears_of_it() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), ends(*COMPLAINT), ends(*OUTAGE))
    assert about(it, SILENT) == []
    assert (alert(it, SILENT).status, alert(it, SILENT).suppressed) == ("resolved", False)


def test_who_was_told_before_it_was_explained_hears_when_it_is_over() -> None:
    it = office().receives(fires(*COMPLAINT), fires(*OUTAGE), links(), ends(*COMPLAINT))
    assert about(it, SILENT) == ["first notification", "all alerts resolved"]


def test_escalation_stands_while_suppressed_and_goes_on_from_where_it_was() -> None:
    it = office().receives(fires(*COMPLAINT)).passes("2026-01-05T08:20").receives(fires(*OUTAGE), links())
    before = len(about(it.passes("2026-01-05T12:00"), SILENT))
    it.receives(ends(*OUTAGE)).passes("2026-01-05T12:31")
    after = [(n.receiver, n.reason) for n in it.notices() if n.fingerprints == (SILENT,)][before:]
    assert after == [
        ("clerk", "no longer suppressed"),
        ("manager", "no longer suppressed"),
        ("executive", "escalated: not acknowledged in time"),
    ]


def test_after_a_short_suppression_the_clock_starts_from_its_beginning() -> None:
    it = office().receives(fires(*COMPLAINT)).passes("2026-01-05T08:05").receives(fires(*OUTAGE), links())
    it.passes("2026-01-05T08:10").receives(ends(*OUTAGE)).passes("2026-01-05T08:25")
    assert about(it, SILENT) == ["first notification", "no longer suppressed"]
    it.passes("2026-01-05T08:25:01")
    assert about(it, SILENT)[2:] == ["escalated: not acknowledged in time"]


def test_one_that_was_acknowledged_stays_so() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), acknowledges(SILENT), ends(*OUTAGE))
    assert about(it.passes("2026-01-09"), SILENT) == ["no longer suppressed"]


def test_it_stays_silent_until_the_last_explanation_is_gone() -> None:
    other = ("it.outage", "service/mail")
    it = office().receives(fires(*OUTAGE), fires(*other), links(), links(by="service/mail"), fires(*COMPLAINT))
    assert suppressed(it) == tuple(sorted((TELLING, of(*other))))
    it.receives(ends(*OUTAGE))
    assert (suppressed(it), about(it, SILENT)) == ((of(*other),), [])
    it.receives(ends(*other))
    assert about(it, SILENT) == ["no longer suppressed"]


def test_every_alert_of_the_explained_subject_is_silent_and_none_of_another() -> None:
    slow = ("front_office.resolution", "complaint/C-1")
    other = ("front_office.resolution", "complaint/C-2")
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), fires(*slow), fires(*other))
    assert [bool(suppressed(it, of(*a))) for a in (COMPLAINT, slow, other)] == [True, True, False]


def test_only_the_rule_that_the_link_names_explains() -> None:
    it = office().receives(fires("it.capacity", "service/vpn"), links(), fires(*COMPLAINT))
    assert suppressed(it) == ()


def test_worse_while_suppressed_is_still_silent() -> None:
    it = office().receives(fires(*OUTAGE), links(), fires(*COMPLAINT), fires(*COMPLAINT, severity="critical"))
    assert about(it, SILENT) == []
    assert alert(it, SILENT).labels["severity"] == "critical"


def test_an_explanation_that_is_itself_explained_still_explains() -> None:
    core = ("it.outage", "service/core")
    it = office().receives(fires(*core), fires(*OUTAGE), fires(*COMPLAINT))
    it.receives(links(), links("service/vpn", "service/core"))
    assert suppressed(it) == (TELLING,)
    assert suppressed(it, TELLING) == (of(*core),)
    assert suppressed(it, of(*core)) == ()


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_alerts_that_explain_one_another_in_a_circle_are_all_told(size: int) -> None:
    services = [f"service/{n}" for n in range(size)]
    circle = [links(one, services[(n + 1) % size]) for n, one in enumerate(services)]
    it = office().receives(*(fires("it.outage", service) for service in services), *circle)
    assert [suppressed(it, of("it.outage", service)) for service in services] == [()] * size
    assert "first notification" in [why for _, why in told(it)]


def test_breaking_the_circle_lets_the_rest_explain_again() -> None:
    it = office().receives(fires("it.outage", "service/a"), fires("it.outage", "service/b"))
    it.receives(links("service/a", "service/b"), links("service/b", "service/a"), unlinks("service/b", "service/a"))
    assert suppressed(it, of("it.outage", "service/a")) == (of("it.outage", "service/b"),)
    assert suppressed(it, of("it.outage", "service/b")) == ()


def test_an_old_link_is_forgotten_unless_it_may_still_explain() -> None:
    it = office(link_retention_days=30).receives(links()).passes("2026-02-10")
    it.receives(fires(*OUTAGE), fires(*COMPLAINT))
    assert suppressed(it) == ()
    kept = office(link_retention_days=30).receives(fires(*OUTAGE), links()).passes("2026-02-10")
    kept.receives(fires(*COMPLAINT))
    assert suppressed(kept) == (TELLING,)


def test_the_end_of_an_outage_speaks_for_hundreds_of_complaints() -> None:
    complaints = [f"complaint/C-{n}" for n in range(300)]
    it = office().receives(fires(*OUTAGE))
    for complaint in complaints:
        it.receives(links(complaint), fires(COMPLAINT[0], complaint))
    assert len(it.notices()) == 1
    it.receives(ends(*OUTAGE))
    assert [n.reason for n in it.notices()[2:]] == ["no longer suppressed"] * 300
