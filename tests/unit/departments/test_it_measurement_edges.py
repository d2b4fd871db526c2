"""Measures at the edges: since when something is too full or too bad, and what a trend is taken from."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from schemas.it import (
    CapacityMeasured,
    QualityMeasured,
    ServiceDeclared,
)
from tests.office import Office, instant
from tests.unit.departments.telling_it import fired, it_office, on_monday, times_fired, vpn, why_resolved

CAPACITY, QUALITY = "it.capacity", "it.telecom_quality"


def full(percent: int | str, resource: str = "disk") -> CapacityMeasured:
    return CapacityMeasured(resource=resource, used_percent=Decimal(percent))


def test_a_disk_that_is_too_full_says_since_when_it_is_due_and_what_fills() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90), full(90, "tape"))).at(on_monday("09:15:01"))
    alerts = fired(office, CAPACITY)
    assert [alert.labels for alert in alerts] == [{"resource": "disk"}, {"resource": "tape"}]
    assert {alert.due for alert in alerts} == {instant(on_monday("09:15"))}
    assert alerts[0].summary == "disk of vpn is above 85 %"
    office.at(on_monday("10:00")).receives(*vpn(full(79)))
    assert office.one(CAPACITY).identity == {"resource": "tape"}
    assert why_resolved(office, CAPACITY) == ["it is at 79 %"]


def test_the_time_above_counts_from_the_first_measure_since_it_was_last_below() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:10")).receives(*vpn(full(84)))
    office.at(on_monday("09:12")).receives(*vpn(full(90))).at(on_monday("09:20")).receives(*vpn(full(95)))
    assert office.at(on_monday("09:27")).firing() == set()
    assert office.at(on_monday("09:27:01")).one(CAPACITY).due == instant(on_monday("09:27"))


def test_a_measure_of_the_very_instant_of_another_one_changes_nothing() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90), full(10)))
    assert office.at(on_monday("09:16")).firing() == {CAPACITY}


def test_between_the_two_limits_it_stays_as_it_is() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:16")).receives(*vpn(full(82)))
    assert office.at(on_monday("12:00")).firing() == {CAPACITY}
    assert dict(office.state("service/vpn").deadlines) == {}


def hourly(office: Office, *percents: str) -> Office:
    """Measured every hour from Tuesday at midnight on."""
    for hour, percent in enumerate(percents):
        office.at(instant("2026-01-06") + timedelta(hours=hour)).receives(*vpn(full(percent)))
    return office


def steps(begin: str, by: str, n: int) -> list[str]:
    return [str(Decimal(begin) + k * Decimal(by)) for k in range(n)]


@pytest.mark.parametrize(("by", "soon"), [("0.30", False), ("0.31", True)])
def test_a_trend_that_just_reaches_the_top_in_a_week(by: str, soon: bool) -> None:
    """From 40 %, 24 hours on: 47.2 + 7 * 7.2 = 97.6 %, or 47.44 + 7 * 7.44 = 99.52 %, and an hour later 99.83 %."""
    office = hourly(it_office(), *steps("40", by, 27))
    assert office.firing() == ({CAPACITY} if soon else set())


def test_a_forecast_says_what_it_is_taken_from() -> None:
    alert = hourly(it_office(), *steps("40", "0.5", 25)).one(CAPACITY)
    assert alert.annotations["measured"] == "52.0 %, and 12.0 points more a day, by 25 measures"
    assert (alert.severity, alert.labels, alert.due) == ("info", {"resource": "disk"}, None)
    assert alert.summary == "disk of vpn fills within 7 days if it goes on like this"


def test_a_trend_looks_at_one_measure_an_hour_of_the_last_day() -> None:
    office, begin = it_office(), instant("2026-01-06")
    for quarter in range(4 * 36):
        office.at(begin + timedelta(minutes=15 * quarter)).receives(*vpn(full("20")))
    kept = [sample.at for sample in office.state("service/vpn").resources["disk"].samples]
    assert kept == [begin + timedelta(hours=hour) for hour in range(11, 36)]


@pytest.mark.parametrize("percents", [["100"] * 30, steps("100", "-0.5", 30)])
def test_what_stays_full_or_gets_emptier_fills_nothing(percents: list[str]) -> None:
    assert hourly(it_office(capacity_above_percent=100), *percents).signals() == []


def test_two_measures_make_no_trend() -> None:
    office = it_office(capacity_forecast_hours=1)
    assert hourly(office, "40", "60").firing() == set()
    assert hourly(office, "40", "60", "80").firing() == {CAPACITY}


def test_a_disk_that_became_too_full_as_foretold_gets_worse_in_the_same_alert_and_better_again() -> None:
    office = hourly(it_office(), *steps("74", "0.4", 25)).at("2026-01-07T01:00").receives(*vpn(full(86)))
    assert office.one(CAPACITY).severity == "info"
    assert office.at("2026-01-07T01:15:01").one(CAPACITY).severity == "warning"
    office.at("2026-01-07T02:00").receives(*vpn(full(79)))
    assert office.one(CAPACITY).severity == "info"


def line(value: int | str, measure: Any = "loss") -> QualityMeasured:
    return QualityMeasured(measure=measure, value=Decimal(value))


LINE = ServiceDeclared(
    category="telecom",
    max_loss_percent=Decimal(1),
    max_jitter_ms=Decimal(30),
    max_failed_calls_percent=Decimal(2),
)


@pytest.mark.parametrize(
    ("measure", "inside", "beyond", "says"),
    [
        ("loss", "1", "1.01", "Loss of vpn is beyond its limit of 1 %"),
        ("jitter", "30", "30.1", "Jitter of vpn is beyond its limit of 30 ms"),
        ("failed_calls", "2", "2.1", "Failed calls of vpn is beyond its limit of 2 %"),
    ],
)
def test_each_measure_of_a_line_has_its_limit(measure: str, inside: str, beyond: str, says: str) -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(inside, measure)))
    assert office.at(on_monday("10:00")).firing() == set()
    office.receives(*vpn(line(beyond, measure))).at(on_monday("10:15:01"))
    alert = office.one(QUALITY)
    assert (alert.due, alert.labels, alert.summary) == (instant(on_monday("10:15")), {"measure": measure}, says)


def test_a_bad_measure_exactly_15_minutes_later_decides() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2))).at(on_monday("09:15"))
    assert office.receives(*vpn(line(3))).firing() == {QUALITY}
    assert office.at(on_monday("10:00")).receives(*vpn(line(2))).firing() == {QUALITY}
    assert times_fired(office, QUALITY) == 1
    assert office.at(on_monday("10:01")).receives(*vpn(line(1))).firing() == set()


def test_an_older_measure_of_a_line_changes_nothing_and_neither_does_one_of_the_same_instant() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2), line(0)))
    office.at(on_monday("09:01")).receives(*vpn(line(0)), time=on_monday("08:59"))
    assert office.at(on_monday("09:15:01")).firing() == {QUALITY}


def test_only_the_measure_whose_limit_was_taken_away_is_no_longer_watched() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(LINE, line(2), line(40, "jitter")))
    office.at(on_monday("09:10")).receives(*vpn(LINE.model_copy(update={"max_loss_percent": None})))
    office.at(on_monday("09:16"))
    assert office.one(QUALITY).identity == {"measure": "jitter"}
    office.receives(*vpn(LINE, line(2))).at(on_monday("09:31"))
    assert len(fired(office, QUALITY)) == 1, "it counts anew"
    assert len(fired(office.at(on_monday("09:31:01")), QUALITY)) == 2
