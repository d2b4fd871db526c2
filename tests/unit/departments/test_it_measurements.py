"""Services measured: what fills up, and telecom lines that carry traffic badly."""

from datetime import timedelta
from decimal import Decimal

from schemas.it import (
    CapacityMeasured,
    QualityMeasured,
    ServiceDeclared,
)
from tests.office import Office, instant
from tests.unit.departments.telling_it import it_office, on_monday, vpn

# Measurements


def full(percent: int | str, resource: str = "disk") -> CapacityMeasured:
    return CapacityMeasured(resource=resource, used_percent=Decimal(percent))


def test_a_disk_above_85_percent_for_15_minutes_is_too_full_and_below_80_it_is_not() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(full(90)))
    assert office.at(on_monday("09:15")).firing() == set()
    assert office.at("2026-01-05T09:15:01").firing() == {"it.capacity"}
    assert office.receives(*vpn(full(80))).firing() == {"it.capacity"}
    assert office.at(on_monday("09:30")).receives(*vpn(full("79.9"))).firing() == set()


def test_a_measure_exactly_15_minutes_later_decides() -> None:
    still = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:15"))
    assert still.receives(*vpn(full(90))).firing() == {"it.capacity"}
    again = it_office().at(on_monday("09:00")).receives(*vpn(full(90))).at(on_monday("09:15"))
    assert again.receives(*vpn(full(85))).passes(on_monday("12:00")).firing() == set()


def test_exactly_85_percent_is_not_above_it() -> None:
    office = it_office().receives(*vpn(full(85)))
    assert office.passes("2026-01-06").firing() == set()


def test_a_late_measure_changes_nothing() -> None:
    office = it_office().at(on_monday("09:10")).receives(*vpn(full(90)))
    office.receives(*vpn(full(10)), time=on_monday("09:05"))
    assert office.passes(on_monday("10:00")).firing() == {"it.capacity"}


def fills(office: Office, hours: int, per_hour: str) -> Office:
    """From 40 % on Tuesday at midnight, measured every hour."""
    for hour in range(hours):
        at = instant("2026-01-06") + timedelta(hours=hour)
        office.at(at).receives(*vpn(full(str(40 + hour * Decimal(per_hour)))))
    return office


def test_a_disk_that_fills_steadily_is_told_of_a_week_ahead() -> None:
    office = fills(it_office(), hours=24, per_hour="0.5")
    assert office.firing() == set()
    office = fills(it_office(), hours=25, per_hour="0.5")
    assert (office.one("it.capacity").severity, office.firing()) == ("info", {"it.capacity"})


def test_a_disk_that_fills_slowly_is_not() -> None:
    assert fills(it_office(), hours=48, per_hour="0.1").firing() == set()


def lost(percent: int | str) -> QualityMeasured:
    return QualityMeasured(measure="loss", value=Decimal(percent))


TELECOM = ServiceDeclared(category="telecom", max_loss_percent=Decimal(1))


def test_a_telecom_line_beyond_its_limit_for_15_minutes() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2)))
    assert office.at(on_monday("09:15")).firing() == set()
    office.at(on_monday("09:16"))
    assert office.one("it.telecom_quality").identity == {"measure": "loss"}
    assert office.receives(*vpn(lost(1))).firing() == set()


def test_a_line_back_inside_its_limit_in_time_and_one_without_a_limit_are_quiet() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2)))
    office.at(on_monday("09:15")).receives(*vpn(lost(1)))
    office.receives(("service/mail", lost(50)))
    assert office.passes("2026-01-06").firing() == set()


def test_a_limit_that_is_taken_away_ends_the_alert() -> None:
    office = it_office().at(on_monday("09:00")).receives(*vpn(TELECOM, lost(2))).at(on_monday("09:16"))
    assert office.receives(*vpn(ServiceDeclared(category="telecom"))).firing() == set()
