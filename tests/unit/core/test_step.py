"""The step: what a rule says once, what it takes back, and what its key waits for."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.rule import Rule
from processors.step import State, Step, firing_entry, is_firing
from schemas.envelope import About, Event, Evidence
from schemas.signals import ConditionFired, ConditionResolved
from tests.unit.core.library import INDEBTED, OPENING, OVERDUE, BookReturned, Member, minutes

ADA = Member(key="member/ada")
HERE = Evidence("events.library", 1, 7, "e7")
RETURNED = BookReturned(book="dune")
RETURNED.with_about(About("e7", "/tests", "member/ada", OPENING, HERE))


def overdue(step: Step[Member], book: str = "dune", at: datetime = OPENING, summary: str = "late") -> Step[Member]:
    return step.fires(OVERDUE, at, summary, labels={"book": book})


def test_a_condition_is_said_with_all_that_is_known_of_it() -> None:
    step = Step(ADA).fires(
        OVERDUE,
        OPENING,
        "dune is overdue",
        because=[RETURNED, Evidence("facts", 0, 1, "f1")],
        labels={"book": "dune", "branch": "north"},
        annotations={"shelf": "3"},
        due=minutes(-5),
    )
    (said,) = step.events
    assert said.subject == "member/ada"
    assert said.event == ConditionFired(
        rule="library.overdue",
        rule_version=1,
        identity={"book": "dune"},
        labels={"book": "dune", "branch": "north"},
        severity="warning",
        summary="dune is overdue",
        annotations={"shelf": "3"},
        starts_at=OPENING,
        due=minutes(-5),
        evidence=(HERE, Evidence("facts", 0, 1, "f1")),
    )
    assert is_firing(step.state, OVERDUE, book="dune")


def test_the_version_of_the_rule_is_said() -> None:
    (said,) = overdue(Step(ADA)).fires(replace(INDEBTED, version=4), OPENING, "owes").events[1:]
    assert isinstance(said.event, ConditionFired)
    assert said.event.rule_version == 4


def test_a_condition_that_goes_on_is_not_said_again() -> None:
    once = overdue(Step(ADA))
    again = overdue(Step(once.state), at=minutes(9))
    assert (again.state, again.emit) == (once.state, ())


@pytest.mark.parametrize(
    "change", [{"summary": "very late"}, {"severity": "error"}, {"labels": {"book": "dune", "branch": "north"}}]
)
def test_it_is_said_again_in_other_words_and_still_holds_since_the_beginning(change: dict[str, object]) -> None:
    once = overdue(Step(ADA))
    told = {"summary": "late", "labels": {"book": "dune"}, **change}
    again = Step(once.state).fires(OVERDUE, minutes(9), **told)  # type: ignore[arg-type]
    (said,) = again.events
    assert isinstance(said.event, ConditionFired)
    assert said.event.starts_at == OPENING
    assert said.event.severity == change.get("severity", "warning")
    assert len(again.state.firing) == 1


@pytest.mark.parametrize("change", [{"annotations": {"shelf": "3"}}, {"because": [RETURNED]}, {"due": OPENING}])
def test_other_annotations_evidence_or_due_are_no_news(change: dict[str, object]) -> None:
    once = overdue(Step(ADA))
    again = Step(once.state).fires(OVERDUE, minutes(9), "late", labels={"book": "dune"}, **change)  # type: ignore[arg-type]
    assert again.emit == ()


def test_two_books_are_two_conditions_of_one_rule() -> None:
    step = overdue(overdue(Step(ADA), "dune"), "emma")
    assert len(step.emit) == 2
    left = step.resolves(OVERDUE, minutes(1), "it is back", book="dune")
    assert not is_firing(left.state, OVERDUE, book="dune")
    assert is_firing(left.state, OVERDUE, book="emma")


def test_severity_and_other_labels_do_not_tell_conditions_apart() -> None:
    step = overdue(Step(ADA))
    step = step.fires(OVERDUE, minutes(1), "late", severity="critical", labels={"book": "dune", "branch": "north"})
    assert len(step.state.firing) == 1


def test_what_fires_is_taken_back_once_with_a_reason() -> None:
    step = Step(overdue(Step(ADA)).state).resolves(OVERDUE, minutes(9), "it is back", by=[RETURNED], book="dune")
    (said,) = step.events
    assert (said.subject, said.event) == (
        "member/ada",
        ConditionResolved(
            rule="library.overdue",
            identity={"book": "dune"},
            because="it is back",
            ends_at=minutes(9),
            evidence=(HERE,),
        ),
    )
    assert step.resolves(OVERDUE, minutes(10), "it is back", book="dune") is step


def test_what_does_not_fire_is_not_taken_back() -> None:
    step = Step(ADA)
    assert step.resolves(INDEBTED, OPENING, "paid") is step


def test_a_condition_that_comes_back_holds_since_then() -> None:
    step = overdue(Step(ADA)).resolves(OVERDUE, minutes(9), "it is back", book="dune")
    (*_, said) = overdue(step, at=minutes(20)).events
    assert isinstance(said.event, ConditionFired)
    assert said.event.starts_at == minutes(20)


def test_a_distinguishing_label_must_be_said() -> None:
    with pytest.raises(KeyError, match="book"):
        Step(ADA).fires(OVERDUE, OPENING, "late")


def test_an_event_that_was_never_on_the_log_is_no_evidence() -> None:
    unread = BookReturned(book="dune")
    unread.with_about(About("e7", "/tests", "member/ada", OPENING))
    (said,) = Step(ADA).fires(INDEBTED, OPENING, "owes", because=[unread]).events
    assert isinstance(said.event, ConditionFired)
    assert said.event.evidence == ()


def test_a_firing_entry_is_the_rule_and_its_distinguishing_labels() -> None:
    assert firing_entry(INDEBTED, {"book": "dune"}) == '["library.indebted"]'
    two = Rule("library.swap", "info", "books are swapped", "they are not", distinguish=("one", "other"))
    assert firing_entry(two, {"other": "emma", "one": "dune", "x": "y"}) == '["library.swap", "dune", "emma"]'


def test_a_rule_belongs_to_the_department_it_is_named_after() -> None:
    assert OVERDUE.department == "library"


SAY = st.tuples(st.sampled_from(["fires", "resolves"]), st.sampled_from(["dune", "emma"]), st.sampled_from("ab"))


@given(st.lists(SAY, max_size=20))
def test_what_was_said_last_is_what_holds(say: list[tuple[str, str, str]]) -> None:
    """Fired and resolved take turns, but for changed words; nothing ends that did not begin."""
    step: Step[Member] = Step(ADA)
    model: dict[str, str] = {}
    expected: list[tuple[type[Event], str]] = []
    for what, book, summary in say:
        if what == "fires":
            step = overdue(step, book, summary=summary)
            if model.get(book) != summary:
                expected.append((ConditionFired, book))
            model[book] = summary
        else:
            step = step.resolves(OVERDUE, OPENING, summary, book=book)
            if model.pop(book, None):
                expected.append((ConditionResolved, book))
    said = [(type(e.event), e.event.identity["book"]) for e in step.events]  # type: ignore[attr-defined]
    assert said == expected
    assert {firing.labels["book"]: firing.summary for firing in step.state.firing.values()} == model


# Deadlines


def test_a_key_waits_for_what_it_was_told_last() -> None:
    waits = ADA.awaits("overdue/dune", minutes(5)).awaits("overdue/emma", minutes(7)).awaits("overdue/dune", minutes(9))
    assert waits.deadlines == {"overdue/dune": minutes(9), "overdue/emma": minutes(7)}
    assert waits.awaits("overdue/dune", None).deadlines == {"overdue/emma": minutes(7)}
    assert Step(ADA).awaits("overdue/dune", minutes(5)).state == ADA.awaits("overdue/dune", minutes(5))


def test_waiting_for_the_same_instant_or_for_nothing_as_before_changes_nothing() -> None:
    waits = ADA.awaits("overdue/dune", minutes(5))
    assert waits.awaits("overdue/dune", minutes(5)) is waits
    assert ADA.awaits("overdue/dune", None) is ADA


def test_a_deadline_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="deadline 'soon': 2026-01-05 08:00:00 has no time zone"):
        ADA.awaits("soon", datetime(2026, 1, 5, 8))  # noqa: DTZ001 - that is the point


# State


def test_a_state_evolves_and_the_old_one_stays() -> None:
    ada = ADA.evolve(fines=3, last_seen=OPENING)
    assert (ada.fines, ada.last_seen, ada.id, type(ada)) == (3, OPENING, "ada", Member)
    assert (ADA.fines, ADA.last_seen) == (0, None)
    assert ada == replace(ADA, fines=3, last_seen=OPENING)


def test_a_field_that_a_state_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Member has no field feet, hands"):
        ADA.evolve(hands=2, feet=2, fines=1)
    with pytest.raises(TypeError, match="Member has no field feet"):
        Step(ADA).evolve(feet=2)


def test_the_id_of_a_state_may_hold_slashes() -> None:
    assert State(key="incident/INC/7").id == "INC/7"


def test_a_step_emits_in_order() -> None:
    step = Step(ADA).emits("library/one", RETURNED).emits("library/two", RETURNED).evolve(fines=1).awaits("x", OPENING)
    assert [e.subject for e in step.emit] == ["library/one", "library/two"]


def test_subclasses_of_states_keep_what_their_parents_remember() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Student(Member):
        school: str = ""

    assert Student(key="member/bob").evolve(school="north", fines=2) == Student(
        key="member/bob", school="north", fines=2
    )
