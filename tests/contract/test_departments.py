"""What every department keeps to: its events, its rules, its settings, its states and its steps."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from backoffice.registry import departments
from processors.fold import Fold
from processors.layout import layout_of
from processors.processor import Processor
from processors.records import DEAD_LETTERS, Output, Record
from processors.rule import Severity
from processors.settings import RuleSettings
from processors.store import to_ms
from producers.simulator.office import SimulatedOffice, simulate
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import Tick
from schemas.settings import Settings
from schemas.signals import AlertingEvent, ConditionFired, ConditionResolved
from tests.happenings import BEGIN, Desk, Happening, example, happenings
from tests.office import Office, reader_of

DEPARTMENTS = pytest.mark.parametrize("department", departments(), ids=lambda d: d.name)
EVENTS = pytest.mark.parametrize(
    ("department", "cls"), [(d, e) for d in departments() for e in d.events], ids=lambda x: getattr(x, "type", "")
)
AGGREGATES = pytest.mark.parametrize(
    ("department", "kind"), [(d, k) for d in departments() for k in d.aggregates], ids=lambda x: getattr(x, "name", x)
)

few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EVENTS
def test_an_event_names_its_topic_and_type_after_its_department(department: Processor, cls: type[Event]) -> None:
    assert cls.topic == department.inbox == f"events.{department.name}"
    assert re.fullmatch(rf"{department.name}(\.[a-z_]+)?\.[a-z_]+\.[a-z_]+", cls.type)
    assert (cls.__doc__ or "").strip()


@EVENTS
def test_an_event_is_of_a_kind_its_department_keeps(department: Processor, cls: type[Event]) -> None:
    assert not cls.kind or cls.kind in department.aggregates


@EVENTS
def test_every_field_of_an_event_is_described(department: Processor, cls: type[Event]) -> None:
    assert [name for name, info in cls.model_fields.items() if not info.description] == []


@EVENTS
def test_the_example_of_an_event_comes_back_from_the_log_as_it_was(department: Processor, cls: type[Event]) -> None:
    event = example(cls)
    kind = cls.kind or next(iter(department.aggregates))
    about = About("1", "/tests", f"{kind}/X-1", datetime(2026, 3, 2, tzinfo=UTC))
    read = reader_of(department.events).decode(encode(event, about))
    assert (read, type(read), read.about) == (event, cls, about)


@DEPARTMENTS
def test_types_and_rule_names_are_unique(department: Processor) -> None:
    types, rules = [e.type for e in department.events], [r.name for r in department.rules]
    assert (len(types), len(rules)) == (len(set(types)), len(set(rules)))


@DEPARTMENTS
def test_a_rule_says_whose_it_is_how_bad_it_is_and_when_it_ends(department: Processor) -> None:
    for rule in department.rules:
        assert rule.name.startswith(f"{department.name}.")
        assert rule.severity in get_args(Severity)
        assert rule.fires
        assert rule.resolves


@DEPARTMENTS
def test_settings_have_defaults_and_each_is_described(department: Processor) -> None:
    told = department.settings()
    assert department.settings.model_validate_json(told.model_dump_json()) == told
    assert [n for n, info in department.settings.model_fields.items() if not info.description] == []


@DEPARTMENTS
def test_a_rule_names_settings_that_there_are(department: Processor) -> None:
    for rule in department.rules:
        assert set(rule.settings) <= set(department.settings.model_fields) - {"overrides"}, rule.name


@AGGREGATES
def test_the_labels_of_a_state_are_fields_of_its_own(department: Processor, kind: str) -> None:
    state = department.aggregates[kind].state
    assert set(state.label_fields) <= set(layout_of(state).root_fields)
    assert set(state(key=f"{kind}/X-1").labels) <= {kind, *state.label_fields}


@DEPARTMENTS
@few
@given(data=st.data())
def test_an_override_for_everybody_is_the_same_as_the_setting_itself(
    department: Processor, data: st.DataObject
) -> None:
    changed = _changed(department.settings)
    if not issubclass(department.settings, RuleSettings) or not changed:
        pytest.skip(f"{department.name} has no settings by label")
    everybody = {"overrides": [{"matchers": ['no_such_label=""'], "set": changed}]}
    nobody = {"overrides": [{"matchers": [f'{kind}="nobody"'], "set": changed} for kind in department.aggregates]}
    story = list(_records(department, data.draw(happenings(department, max_size=20))))
    assert _outputs(department, everybody, story) == _outputs(department, changed, story)
    assert _outputs(department, nobody, story) == _outputs(department, {}, story)


def _outputs(department: Processor, told: dict[str, Any], story: Iterable[Record]) -> list[Output]:
    """What comes out under these settings."""
    fold = Fold(department)
    fold.settings = department.settings.model_validate(told)
    return [output for record in story for output in fold.apply(record)]


def _changed(settings: type[Settings]) -> dict[str, Any]:
    """Other working hours, and every number one more than usual, as far as that is allowed."""
    abroad = {"calendar": {"time_zone": "Asia/Kathmandu"}}
    changed: dict[str, Any] = {name: value for name, value in abroad.items() if name in settings.model_fields}
    for name, info in settings.model_fields.items():
        if isinstance(info.default, int) and not isinstance(info.default, bool):
            with suppress(ValidationError):
                settings.model_validate({**changed, name: info.default + 1})
                changed[name] = info.default + 1
    return changed


@AGGREGATES
def test_an_empty_state_lies_in_rows_and_comes_back(department: Processor, kind: str) -> None:
    state = department.aggregates[kind].state()
    layout = layout_of(type(state))
    assert state.evolve(**layout.load_root(layout.dump_root(state))) == state


@DEPARTMENTS
@quick
@given(data=st.data())
def test_a_step_is_total_and_pure(department: Processor, data: st.DataObject) -> None:
    desk = Desk(department).hears(data.draw(happenings(department)))
    assert desk.steps


@DEPARTMENTS
@quick
@given(data=st.data())
def test_a_state_comes_back_from_its_rows_as_it_was(department: Processor, data: st.DataObject) -> None:
    desk = Desk(department).hears(data.draw(happenings(department)))
    for entity in map(desk.store.entity, desk.store.keys()):
        state, layout = entity.state, entity.layout
        assert state.evolve(**layout.load_root(layout.dump_root(state))) == state
        for name in layout.collections:
            for row in getattr(state, name).values():
                assert layout.loaders[name](layout.dump_row(name, row)) == row


@DEPARTMENTS
@few
@given(data=st.data())
def test_a_restart_changes_nothing_of_what_comes_out(department: Processor, data: st.DataObject) -> None:
    records = list(_records(department, data.draw(happenings(department))))
    restart = data.draw(st.integers(0, len(records)))
    through, before, after = Fold(department), Fold(department), Fold(department)
    expected = [output for record in records for output in through.apply(record)]
    outputs = [output for record in records[:restart] for output in before.apply(record)]
    after.restore(before.take_changes())
    outputs += [output for record in records[restart:] for output in after.apply(record)]
    assert outputs == expected
    assert not [output for output in outputs if output.topic == DEAD_LETTERS]


@DEPARTMENTS
@few
@given(data=st.data())
def test_what_is_heard_twice_changes_nothing(department: Processor, data: st.DataObject) -> None:
    records = list(_records(department, data.draw(happenings(department, max_size=12))))
    again = data.draw(st.sets(st.integers(0, len(records) - 2), max_size=4))
    repeated = [r for n, record in enumerate(records) for r in ([record, record] if n in again else [record])]
    repeated = [record._replace(offset=n) for n, record in enumerate(repeated)]
    once, twice = Fold(department), Fold(department)
    said = [_said(output) for record in records for output in once.apply(record)]
    assert [_said(output) for record in repeated for output in twice.apply(record)] == said


@DEPARTMENTS
@quick
@given(data=st.data())
def test_only_what_fires_resolves_and_only_declared_rules_speak(department: Processor, data: st.DataObject) -> None:
    declared = {rule.name: rule for rule in department.rules}
    firing: set[tuple[Any, ...]] = set()
    for signal, where in _signals(Desk(department).hears(data.draw(happenings(department)))):
        rule = declared[signal.rule]
        assert set(signal.identity) == set(rule.distinguish)
        if isinstance(signal, ConditionResolved):
            assert where in firing
            firing.remove(where)
        else:
            firing.add(where)


@DEPARTMENTS
@quick
@given(data=st.data())
def test_what_a_step_says_can_be_sent(department: Processor, data: st.DataObject) -> None:
    about = About("1", "/tests", "any/one", datetime(2026, 3, 2, tzinfo=UTC))
    for emission in Desk(department).hears(data.draw(happenings(department, max_size=12))).emitted:
        assert (
            isinstance(emission.event, AlertingEvent)
            or emission.event.topic == "facts"
            or emission.event.topic.startswith("events.")
        )
        assert "/" in emission.subject
        read = reader_of((type(emission.event),)).decode(
            encode(emission.event, about).replace(b"any/one", emission.subject.encode())
        )
        assert read == emission.event


@pytest.mark.parametrize("days", [1, 5, 20])
@DEPARTMENTS
def test_its_simulated_life_raises_the_planted_alerts_and_no_others(department: Processor, days: int) -> None:
    if not find_spec(f"producers.simulator.{department.name}"):
        pytest.skip(f"{department.name} has no part in the simulated office")
    life = import_module(f"producers.simulator.{department.name}").life
    simulation = simulate(SimulatedOffice(days=days), [life])
    office = Office(processors=[department])
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id)
    office.passes(simulation.office.end)
    rules = {rule.name for rule in department.rules}  # other planted alerts are correlation's
    ours = [e for e in simulation.expected if e.rule in rules]
    planted = {(e.rule, e.subject, *sorted(e.identity.items())): e.resolved for e in ours}
    fired = {
        (s.rule, s.about.subject, *sorted(s.identity.items()))
        for s in office.signals()
        if isinstance(s, ConditionFired)
    }
    assert fired == set(planted)
    holds = {(rule, subject, *labels) for rule, subject, labels in office.conditions()}
    assert {where for where, resolved in planted.items() if not resolved} == holds


def _records(department: Processor, story: Iterable[Happening]) -> Iterator[Record]:
    """A story as records of one partition, and a last one a year later, which lets every deadline pass."""
    now = BEGIN
    for n, happening in enumerate(story):
        now += happening.after
        about = About(f"e{n}", "/tests", happening.subject, now - happening.late)
        value = encode(happening.event, about)
        yield Record(department.inbox, 0, n, to_ms(now), happening.subject.encode(), value, HEADERS)
    tick = encode(Tick(partition=0), About("tick", "/tests", "partition/0", now))
    yield Record(department.inbox, 0, n + 1, to_ms(now + timedelta(days=366)), None, tick, HEADERS)


def _said(output: Output) -> tuple[Any, ...]:
    """What an output says, without the ids and offsets that tell where on the log its cause stands."""
    data = json.loads(output.value or b"null")["data"]
    for key in ("evidence", "record"):
        data.pop(key, None)
    return output.topic, output.key, data, output.at


def _signals(desk: Desk) -> Iterator[tuple[ConditionFired | ConditionResolved, tuple[Any, ...]]]:
    for emission in desk.emitted:
        event = emission.event
        if isinstance(event, ConditionFired | ConditionResolved):
            yield event, (event.rule, emission.subject, *sorted(event.identity.items()))
