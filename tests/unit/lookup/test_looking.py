"""A look-up is put on record before anything is read, and shows no more than whoever looks may see."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.registry import event_types, processors
from backoffice.remembered import plain
from consumers.lookup.archived import Archived
from consumers.lookup.found import Page, Remembered, Said
from consumers.lookup.looking import JUDGED, SHOWN, BadSubject, LookUp, NotRecorded, Viewer, kinds_of
from consumers.lookup.masking import Privacy
from producers.simulator import LIVES, SimulatedOffice, simulate
from schemas.alerts import Alert
from schemas.audit import RecordViewed
from schemas.envelope import Event, Evidence
from schemas.privacy import Kind, marks
from tests.archived_office import archived
from tests.office import Office

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PRIVACY = Privacy.of(event_types())
KINDS = kinds_of(event_types().values())
VIEWER = Viewer("vera", frozenset())
OPERATOR = Viewer("otto", frozenset({Kind.PERSONAL}))
ADMINISTRATOR = Viewer("ada", frozenset(Kind), "console")


@dataclass
class Told:
    """Sources in memory, which write down what was asked of them."""

    said: Sequence[Said] = ()
    alerted: Sequence[Alert] = ()
    asked: list[str] = field(default_factory=list)

    def states(self, subjects: Sequence[str]) -> Sequence[Remembered]:
        self.asked.append("states")
        return [Remembered(subjects[0], "accounting", "events.accounting", NOON, {"owner": "gina", "open": 3})]

    def events(self, subjects: Sequence[str], limit: int, before: datetime | None) -> Page:
        self.asked.append("events")
        found = [one for one in self.said if one.subject in subjects and (before is None or one.at < before)]
        return Page(found[:limit], len(found) > limit)

    def alerts(self, subjects: Sequence[str], limit: int) -> Sequence[Alert]:
        self.asked.append("alerts")
        return self.alerted[:limit]


@dataclass
class Trail:
    """What is on record. `works` False: the log takes nothing."""

    sources: Told
    works: bool = True
    views: list[tuple[str, RecordViewed]] = field(default_factory=list)

    def record(self, event: Event, subject: str) -> None:
        assert self.sources.asked == [], "something was read before the look was on record"
        if not self.works:
            raise NotRecorded("the log is away")
        assert isinstance(event, RecordViewed)
        self.views.append((subject, event))


def approval(n: int, approver: str = "hugo") -> Said:
    at = NOON - timedelta(minutes=n)
    data = {"invoice": f"RE-{n}", "approver": approver}
    return Said("vendor/acme", "accounting.invoice.approved", at, at, Evidence("events.accounting", 0, n, "x"), data)


def desk(*said: Said, alerts: Sequence[Alert] = (), works: bool = True) -> tuple[LookUp, Trail]:
    sources = Told(said, alerts)
    trail = Trail(sources, works)
    return LookUp(sources, PRIVACY, KINDS, trail.record), trail


def an_alert(summary: str) -> Alert:
    return Alert(
        fingerprint="ba18c9f2a1f2e3d4",
        status="firing",
        rule="accounting.approval_limit",
        subject="vendor/acme",
        labels={"invoice": "RE-1"},
        annotations={"summary": summary},
        starts_at=NOON,
    )


def test_each_look_is_on_record_with_who_what_why_and_what_was_masked() -> None:
    look_up, trail = desk(approval(1))
    look_up.look("vendor/acme", VIEWER, "the vendor calls")
    look_up.sources.asked.clear()  # type: ignore[attr-defined]
    look_up.look("vendor/acme", ADMINISTRATOR)
    assert trail.views == [
        ("person/vera", RecordViewed(on="vendor/acme", why="the vendor calls", masked=tuple(Kind))),
        ("person/ada", RecordViewed(on="vendor/acme", masked=(), by_way_of="console")),
    ]


def test_what_cannot_be_recorded_is_not_even_read() -> None:
    look_up, trail = desk(approval(1), works=False)
    with pytest.raises(NotRecorded):
        look_up.look("vendor/acme", ADMINISTRATOR)
    assert trail.sources.asked == []


def test_a_viewer_sees_what_happened_and_not_who_did_it() -> None:
    look_up, _ = desk(approval(1), alerts=[an_alert("hugo approved too much")])
    found = look_up.look("vendor/acme", VIEWER)
    assert found.events[0].data == {"invoice": "RE-1", "approver": "[personal]"}
    assert found.alerts[0].annotations == {"summary": "[personal] approved too much"}
    assert found.states[0].state == {"owner": "[personal]", "open": 3}
    assert "hugo" not in str(found.as_json())
    assert "gina" not in str(found.as_json())


def test_an_administrator_sees_it_as_it_is() -> None:
    look_up, _ = desk(approval(1), alerts=[an_alert("hugo approved too much")])
    found = look_up.look("vendor/acme", ADMINISTRATOR)
    assert found.events[0].data["approver"] == "hugo"
    assert found.alerts[0].annotations == {"summary": "hugo approved too much"}


def test_events_come_newest_first_and_page_by_page() -> None:
    look_up, trail = desk(*(approval(n) for n in range(SHOWN + 7)))
    first = look_up.look("vendor/acme", VIEWER)
    trail.sources.asked.clear()
    second = look_up.look("vendor/acme", VIEWER, before=first.events[-1].at)
    assert [said.data["invoice"] for said in first.events] == [f"RE-{n}" for n in range(SHOWN)]
    assert [said.data["invoice"] for said in second.events] == [f"RE-{n}" for n in range(SHOWN, SHOWN + 7)]
    assert (first.more, second.more) == (True, False)


def test_where_there_is_too_much_to_judge_sentences_are_not_shown_to_whom_something_is_hidden() -> None:
    told = [approval(n) for n in range(JUDGED)] + [approval(JUDGED, "very-old-hugo")]
    look_up, trail = desk(*told, alerts=[an_alert("very-old-hugo approved too much")])
    found = look_up.look("vendor/acme", VIEWER)
    assert "very-old-hugo" not in str(found.as_json())
    trail.sources.asked.clear()
    assert "very-old-hugo" in str(look_up.look("vendor/acme", ADMINISTRATOR).as_json())


@pytest.mark.parametrize("subject", ["acme", "vendor/", "/acme", "unicorn/1", "vendor/a\nb", "vendor/" + "x" * 600, ""])
def test_what_is_no_subject_is_refused_and_leaves_no_record(subject: str) -> None:
    look_up, trail = desk()
    with pytest.raises(BadSubject):
        look_up.look(subject, ADMINISTRATOR)
    assert trail.views == []


def test_an_employee_is_a_person_too() -> None:
    trained = replace(approval(1), subject="person/E-17", type="management.training.completed", data={"training": "T"})
    look_up, _ = desk(trained)
    assert [said.subject for said in look_up.look("employee/E-17", VIEWER).events] == ["person/E-17"]


# The simulated office


NAMES = {name for cls in event_types().values() for name in cls.model_fields}
"""What a field is called tells nothing, though some values are called the same."""


class Week:
    """Some days of the simulated office, archived; what is remembered at their end, and what is private of whom."""

    def __init__(self, folder: Path) -> None:
        simulation = simulate(SimulatedOffice(seed=3, days=2), LIVES.values())
        office = Office(settings={name: dict(values) for name, values in simulation.settings.items()})
        for said in simulation.said:
            office.at(said.at).receives((said.subject, said.event), id=said.id, time=said.at)
        self.archive = archived(office, folder)
        self.remembered: dict[str, list[Remembered]] = {}
        for processor in processors():
            for fold in office.folds[processor.inbox]:
                for subject, state in fold.states().items():
                    told = Remembered(subject, processor.name, processor.inbox, NOON, plain(state))
                    self.remembered.setdefault(subject, []).append(told)
        self.private: dict[str, dict[Kind, set[str]]] = {}
        for said in simulation.said:
            data = said.event.model_dump(mode="json")
            of_subject = self.private.setdefault(said.subject, {kind: set() for kind in Kind})
            for name, kind in marks(type(said.event)).items():
                of_subject[kind] |= {text for text in _all_texts(data.get(name)) if len(text) > 1}

    def states(self, subjects: Sequence[str]) -> list[Remembered]:
        return [told for subject in subjects for told in self.remembered.get(subject, ())]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    lived = Week(tmp_path_factory.mktemp("week"))
    yield lived
    lived.archive.close()


@pytest.mark.parametrize("viewer", [VIEWER, OPERATOR], ids=lambda viewer: str(viewer.name))
def test_nothing_private_of_the_office_is_shown_to_whom_it_is_not(week: Week, viewer: Viewer) -> None:
    """Of no subject: not in an event, a label, a sentence, or a row of what is remembered."""
    look_up = LookUp(Archived(week.archive, week.states), PRIVACY, KINDS, lambda event, subject: None)
    assert len(week.private) > 100
    for subject, private in week.private.items():
        shown = _all_texts(look_up.look(subject, viewer).as_json())
        hidden = {text for kind in viewer.masked for text in private[kind]} - {subject.partition("/")[2]}
        leaked = hidden & shown - NAMES
        assert not leaked, f"{subject}: {leaked}"


def test_everything_of_the_office_is_shown_to_whom_it_is(week: Week) -> None:
    look_up = LookUp(Archived(week.archive, week.states), PRIVACY, KINDS, lambda event, subject: None)
    for subject, private in list(week.private.items())[::10]:
        shown = look_up.look(subject, ADMINISTRATOR)
        assert shown.more or set().union(*private.values()) <= _all_texts(shown.as_json()), subject


def _all_texts(value: object) -> set[str]:
    """Every text in a JSON value, and every word of it."""
    match value:
        case str():
            return {value, *re.split(r"[^\w.-]+", value)}
        case dict():
            return {text for name, inner in value.items() for text in (*_all_texts(name), *_all_texts(inner))}
        case list() | tuple():
            return {text for inner in value for text in _all_texts(inner)}
    return set()
