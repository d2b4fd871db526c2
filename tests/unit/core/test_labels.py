"""Settings by label in a state: whenever its labels change, so do its settings, and no rule has to ask."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import Field

from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import Output, Record
from processors.rule import Rule
from processors.settings import RuleSettings
from processors.step import State, Step
from processors.store import to_ms
from schemas.alerts import Alert
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import DeadlinePassed, SettingsChanged
from schemas.signals import ConditionFired
from tests.office import Office
from tests.unit.core.library import OPENING, minutes


class ParcelSent(Event, type="post.parcel.sent", kind="parcel", topic="events.post"):
    """A parcel is on its way. Said again, it corrects what was said."""

    service: str | None = None
    insured: bool = False


class PostSettings(RuleSettings):
    """How long a parcel may take."""

    minutes: int = Field(default=60, ge=1)
    """Minutes."""


LATE = Rule("post.late", "warning", "a parcel takes too long", "never", version=3, settings=("minutes",))


@dataclass(frozen=True, kw_only=True)
class Parcel(State):
    """One parcel."""

    label_fields = ("service", "insured", "weight")

    settings: PostSettings = field(default=PostSettings())
    service: str | None = None
    insured: bool = False
    weight: int | None = None


def step(parcel: Parcel, event: Event, at: Any) -> Step[Parcel]:
    match event:
        case ParcelSent():
            now = parcel.evolve(service=event.service, insured=event.insured)
            return Step(now).awaits("late", minutes(now.settings.minutes))
        case DeadlinePassed(due=due):
            return Step(parcel).fires(LATE, at, f"parcel {parcel.id} is late", due=due)
    return Step(parcel)


post = Processor(
    "post", "events.post", (ParcelSent,), {"parcel": Aggregate(Parcel, step)}, settings=PostSettings, rules=(LATE,)
)

EXPRESS = {"overrides": [{"matchers": ['service="express"'], "set": {"minutes": 10}}]}


def test_a_subject_is_known_by_its_kind_with_its_id_and_by_what_is_known_of_its_fields() -> None:
    parcel = Parcel(key="parcel/P/7")
    assert parcel.labels == {"parcel": "P/7", "insured": "false"}
    assert parcel.evolve(service="express", insured=True, weight=3).labels == {
        "parcel": "P/7",
        "service": "express",
        "insured": "true",
        "weight": "3",
    }


def test_settings_follow_the_labels_at_once_and_back() -> None:
    parcel = Parcel(key="parcel/7").under(PostSettings.model_validate(EXPRESS))
    assert parcel.settings.minutes == 60
    express = parcel.evolve(service="express")
    assert express.settings.minutes == 10
    assert express.evolve(service="slow").settings.minutes == 60
    assert express.under(PostSettings(minutes=90)).settings.minutes == 90
    assert express.under(PostSettings(minutes=90)).evolve(service="express").settings.minutes == 90


def at_the_post(**told: Any) -> Office:
    from processors.alerting import alerting

    return Office(processors=[post, alerting], partitions=1, settings={"post": told}).at(OPENING)


def sent(parcel: str = "7", **fields: Any) -> tuple[str, Event]:
    return f"parcel/{parcel}", ParcelSent(**fields)


@pytest.mark.parametrize(
    ("fields", "due"), [({"service": "express"}, 10), ({"service": "slow"}, 60), ({}, 60), ({"insured": True}, 60)]
)
def test_the_event_that_brings_the_label_is_judged_by_it(fields: dict[str, Any], due: int) -> None:
    office = at_the_post(**EXPRESS).receives(sent(**fields))
    assert office.at(minutes(due)).firing() == set(), "not at the deadline"
    assert office.at(minutes(due + 0.001)).firing() == {"post.late"}


def test_one_subject_by_its_id() -> None:
    office = at_the_post(overrides=[{"matchers": ['parcel=~"7|8"'], "set": {"minutes": 5}}])
    office.receives(sent("7"), sent("9")).at(minutes(6))
    assert office.ever_fired("post.late") == {"7"}


def test_a_change_holds_from_the_next_event_on_and_the_state_stays() -> None:
    office = at_the_post().receives(sent(service="express"), sent("8", service="express"))
    office.told("post", EXPRESS).receives(sent(service="express", insured=True))
    office.at(minutes(11))
    assert office.ever_fired("post.late") == {"7"}
    office.told("post", {}).at(minutes(61))
    assert office.ever_fired("post.late") == {"7", "8"}
    assert office.state("parcel/7").service == "express"


def test_alerts_carry_the_rules_version_and_the_settings_it_read() -> None:
    office = at_the_post(**EXPRESS).receives(sent(service="express"), sent("8")).at(minutes(61))
    fired = {s.about.subject: (s.rule_version, s.settings) for s in office.signals() if isinstance(s, ConditionFired)}
    assert fired == {"parcel/7": (3, {"minutes": 10}), "parcel/8": (3, {"minutes": 60})}
    alerts = {a.subject: (a.rule_version, a.settings) for a in office.alerts().values() if isinstance(a, Alert)}
    assert alerts == fired


def test_an_alert_says_what_held_when_it_fired_whatever_is_told_afterwards() -> None:
    office = at_the_post(**EXPRESS).receives(sent(service="express")).at(minutes(11)).told("post", {"minutes": 5})
    (alert,) = office.alerts().values()
    assert alert.settings == {"minutes": 10}


def record(offset: int, event: Event, key: str, minute: float) -> Record:
    value = encode(event, About(f"e{offset}", "/tests", key, minutes(minute)))
    at = None if isinstance(event, SettingsChanged) else key.encode()
    return Record("events.post", 0, offset, to_ms(minutes(minute)), at, value, HEADERS)


def outputs(fold: Fold, *records: Record) -> list[Output]:
    return [output for each in records for output in fold.apply(each)]


def test_a_restart_knows_the_overrides() -> None:
    before, after = Fold(post), Fold(post)
    outputs(before, record(0, SettingsChanged(processor="post", settings=EXPRESS), "partition/0", 0))
    outputs(before, record(1, ParcelSent(service="express"), "parcel/7", 0))
    after.restore(before.take_changes())
    assert after.states() == before.states()
    assert [state.settings.minutes for state in after.states().values() if isinstance(state, Parcel)] == [10]


def test_overrides_that_make_no_sense_are_a_dead_letter_and_the_old_ones_hold() -> None:
    fold = Fold(post)
    outputs(fold, record(0, SettingsChanged(processor="post", settings=EXPRESS), "partition/0", 0))
    bad = {"overrides": [{"matchers": ['service="express"'], "set": {"minutes": 0}}]}
    (letter,) = outputs(fold, record(1, SettingsChanged(processor="post", settings=bad), "partition/0", 0))
    assert letter.topic == "dead-letters"
    assert b"overrides.0.set.minutes: Input should be" in dict(letter.headers)["__connect.errors.exception.message"]
    outputs(fold, record(2, ParcelSent(service="express"), "parcel/7", 0))
    (state,) = fold.states().values()
    assert isinstance(state, Parcel)
    assert state.settings.minutes == 10
