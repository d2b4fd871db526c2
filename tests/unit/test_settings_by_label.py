"""Settings by label: what holds for whom, whichever overrides match, and what makes no sense is said with its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from processors import settings as settings_module
from processors.calendar import CalendarSettings
from processors.settings import Override, RuleSettings


class Thresholds(RuleSettings):
    """A department's, as these tests want them."""

    days: int = Field(default=30, ge=1, le=100)
    """Days."""
    warn_days: int = Field(default=10, ge=0)
    """Days."""
    documents: dict[str, tuple[str, ...]] = {"*": ("contract",)}  # noqa: RUF012 - pydantic copies it
    """Documents by role."""
    calendar: CalendarSettings = CalendarSettings()
    """Hours."""


def told(*overrides: tuple[str | list[str], dict[str, Any]], **usual: Any) -> Thresholds:
    given = [{"matchers": [m] if isinstance(m, str) else m, "set": values} for m, values in overrides]
    return Thresholds.model_validate({**usual, "overrides": given})


def test_without_overrides_the_settings_hold_for_everybody() -> None:
    usual = Thresholds(days=14)
    assert usual.holding_for({"class": "gold"}) is usual


def test_an_override_holds_where_all_its_matchers_do_and_leaves_the_rest() -> None:
    both = told((['class="gold"', 'site!="munich"'], {"days": 14}), warn_days=5)
    assert both.holding_for({"class": "gold"}).days == 14
    assert both.holding_for({"class": "gold"}).warn_days == 5
    assert both.holding_for({"class": "gold", "site": "munich"}).days == 30
    assert both.holding_for({"class": "silver"}) is both


def test_a_label_that_nobody_gave_is_empty_as_in_alertmanager() -> None:
    unknown = told(('class=""', {"days": 7}))
    assert unknown.holding_for({}).days == 7
    assert unknown.holding_for({"class": "gold"}).days == 30


def test_the_last_of_several_counts_field_by_field() -> None:
    many = told(
        ('class="gold"', {"days": 14, "warn_days": 3}),
        ('site="munich"', {"days": 21}),
        ('vendor=~"acme|globex"', {"warn_days": 0}),
    )
    held = many.holding_for({"class": "gold", "site": "munich", "vendor": "acme"})
    assert (held.days, held.warn_days) == (21, 0)
    assert many.holding_for({"class": "gold", "vendor": "globex"}).days == 14


def test_a_group_is_overridden_in_part_and_a_mapping_whole() -> None:
    parts = told(
        ('site="munich"', {"calendar": {"time_zone": "Europe/Berlin"}}),
        ('shift="late"', {"calendar": {"opens": "14:00", "closes": "22:00"}}),
        ('site="munich"', {"documents": {"driver": ["licence"]}}),
        calendar={"extra_holidays": ["2026-12-24"]},
    )
    held = parts.holding_for({"site": "munich", "shift": "late"})
    assert (held.calendar.time_zone, held.calendar.opens, held.calendar.closes) == ("Europe/Berlin", "14:00", "22:00")
    assert held.calendar.extra_holidays == parts.calendar.extra_holidays != ()
    assert held.documents == {"driver": ("licence",)}


def test_another_country_does_not_inherit_the_region() -> None:
    abroad = told(
        ('site="vienna"', {"calendar": {"country": "AT"}}),
        ('site="linz"', {"calendar": {"country": "AT", "region": "4"}}),
        calendar={"country": "DE", "region": "BY"},
    )
    assert abroad.holding_for({"site": "vienna"}).calendar == CalendarSettings(country="AT")
    assert abroad.holding_for({"site": "linz"}).calendar == CalendarSettings(country="AT", region="4")


def test_what_was_worked_out_is_kept_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = told(('class="gold"', {"days": 14}))
    assert gold.holding_for({"class": "gold"}) is gold.holding_for({"class": "gold", "vendor": "acme"})
    monkeypatch.setattr(settings_module, "MOST_COMBINATIONS", 3)
    assert all(gold.holding_for({"class": f"c{n}"}).days == 30 for n in range(20))
    assert len(gold._worked_out) <= 3


def test_settings_with_overrides_travel_on_the_log() -> None:
    away = told(('class="gold"', {"days": 14, "calendar": {"extra_holidays": ["2026-12-24"]}}))
    again = Thresholds.model_validate_json(away.model_dump_json(exclude_unset=True))
    assert again == away
    assert again.holding_for({"class": "gold"}) == away.holding_for({"class": "gold"})


def wrong(*overrides: tuple[str | list[str], dict[str, Any]], **usual: Any) -> list[tuple[str, str]]:
    """Where and what."""
    with pytest.raises(ValidationError) as caught:
        told(*overrides, **usual)
    return [(".".join(map(str, e["loc"])), e["msg"]) for e in caught.value.errors()]


def test_what_an_override_sets_is_checked_where_it_stands() -> None:
    assert wrong(('class="gold"', {"days": 14}), ('site="munich"', {"days": 0, "dais": 3})) == [
        ("overrides.1.set.days", "Input should be greater than or equal to 1"),
        ("overrides.1.set.dais", "Extra inputs are not permitted"),
    ]
    assert wrong(('class="gold"', {"calendar": {"extra_holidays": ["2026-12-24", 3]}})) == [
        ("overrides.0.set.calendar.extra_holidays.1", "Value error, a date is wanted, such as 2026-01-05")
    ]


def test_an_override_that_goes_with_the_settings_but_not_with_another_one_is_refused() -> None:
    early, late = {"calendar": {"closes": "12:00"}}, {"calendar": {"opens": "13:00"}}
    assert wrong(('shift="early"', early), ('site="munich"', late)) == [
        (
            "overrides.1.set.calendar",
            'a day that opens at 13:00 cannot close at 12:00 (for a subject with shift="early", site="munich")',
        )
    ]


def test_overrides_hold_no_overrides_and_set_something_for_somebody() -> None:
    assert wrong(('class="gold"', {"overrides": []}))[0][0] == "overrides.0.set.overrides"
    assert wrong(('class="gold"', {}))[0][0] == "overrides.0.set"
    assert wrong(([], {"days": 14}))[0][0] == "overrides.0.matchers"
    assert wrong(("gold", {"days": 14}))[0] == (
        "overrides.0.matchers.0",
        "Value error, 'gold' is not a matcher; write <label><operator>\"<value>\" with = != =~ or !~,"
        ' as in severity="critical"',
    )


LABELS = st.dictionaries(st.sampled_from(["class", "site"]), st.sampled_from(["a", "b", ""]))
MATCHERS = st.sampled_from(['class="a"', 'class!="a"', 'site=~"a|b"', 'site!~"b"', 'class=""'])
SETS = st.fixed_dictionaries({}, optional={"days": st.integers(1, 5), "warn_days": st.integers(0, 5)}).filter(bool)
OVERRIDES = st.lists(st.tuples(st.lists(MATCHERS, min_size=1, max_size=2), SETS), max_size=5)


@given(overrides=OVERRIDES, subjects=st.lists(LABELS, min_size=1, max_size=6))
def test_what_holds_is_what_the_matching_ones_say_in_turn(
    overrides: list[tuple[str | list[str], dict[str, Any]]], subjects: list[dict[str, str]]
) -> None:
    """The slow way: a dictionary that each matching override updates. Asked of many subjects, in any order."""
    settings = told(*overrides)
    for labels in subjects:
        expected = {"days": 30, "warn_days": 10}
        for matchers, values in overrides:
            if Override(matchers=tuple(matchers), set=values).holds_for(labels):
                expected |= values
        held = settings.holding_for(labels)
        assert {"days": held.days, "warn_days": held.warn_days} == expected
