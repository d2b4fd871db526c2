"""Hypothesis strategies for events: any event of a department, about few keys, so that much collides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from processors.layout import layout_of
from processors.processor import Processor
from processors.rule import Rule
from processors.step import Emission, State, Step
from processors.store import Store
from schemas.envelope import About, Event, Evidence
from schemas.facts.fact import EVIDENCE, Fact
from schemas.processing import DeadlinePassed

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)

_IDS = ("a", "b")
_DAYS = tuple(date(2026, 1, 1) + timedelta(days=n) for n in (0, 1, 3, 7, 14, 30, 59, 90, 200))
_LEAVES: dict[Any, tuple[Any, ...]] = {
    bool: (True, False),
    int: (0, 1, 2, 3, 5, 60),
    float: (0.0, 0.5, 1.0, 99.5),
    Decimal: (Decimal(-5), Decimal(0), Decimal("0.01"), Decimal(5), Decimal("9900"), Decimal("99999999999.99")),
    date: (*_DAYS, date.min, date.max),
    AwareDatetime: tuple(BEGIN + timedelta(hours=h) for h in (-48, 0, 1, 9, 24, 100)),
    timedelta: tuple(timedelta(minutes=m) for m in (1, 15, 480)),
    str: _IDS,
}


@dataclass(frozen=True)
class Happening:
    """Something said, some time after what was said before; `late` is how much older it is itself."""

    subject: str
    event: Event
    after: timedelta
    late: timedelta = timedelta()


def example(cls: type[BaseModel], **given: object) -> Any:
    """The event that the examples of its fields make. Raises KeyError for a field with neither example nor default."""
    values = {}
    for name, info in cls.model_fields.items():
        if info.examples:
            values[name] = info.examples[0]
        elif info.is_required():
            raise KeyError(f"{cls.__name__}.{name} has no example")
    return cls.model_validate_json(_json({**values, **given}))


def _json(values: dict[str, object]) -> bytes:
    return TypeAdapter(dict[str, Any]).dump_json(values)


@cache
def models(cls: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Any instance of a model: few ids, dates near one another and at the ends, small and large amounts."""
    fields = {name: _field(info) for name, info in cls.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda values: _validated(cls, values)).filter(lambda m: m is not None)


def _validated(cls: type[BaseModel], values: dict[str, Any]) -> Any:
    try:
        return cls.model_validate(values)
    except ValidationError:
        return None


def _field(info: FieldInfo) -> st.SearchStrategy[Any]:
    annotation: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    told = [TypeAdapter[Any](annotation).validate_python(e) for e in info.examples or ()]
    if not info.is_required():
        told.append(info.get_default(call_default_factory=True))
    return _annotated(annotation, told)


def _annotated(annotation: Any, told: Sequence[Any]) -> st.SearchStrategy[Any]:
    origin, plain = get_origin(annotation), annotation
    while origin is Annotated:
        plain = get_args(plain)[0]
        origin = get_origin(plain)
    if origin is Literal:
        return st.sampled_from(get_args(plain))
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if a is NoneType else _annotated(a, told) for a in get_args(plain)))
    if origin is tuple:
        return st.lists(_annotated(get_args(plain)[0], ()), max_size=3).map(tuple)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return models(plain)
    adapter = TypeAdapter(annotation)
    pool = [v for v in (*_LEAVES.get(plain, ()), *told) if _fits(adapter, v)]
    assert pool, f"no value is known for {annotation}"
    return st.sampled_from(pool)


def _fits(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


EVERYWHERE = Evidence(**EVIDENCE)  # type: ignore[arg-type]
"""The record that all examples of facts name."""


def recorded(event: Event, n: int) -> Event:
    """A fact names the record that it came from; one that a test made up comes from a record of its own."""
    if not isinstance(event, Fact) or getattr(event, "record", EVERYWHERE) not in (None, EVERYWHERE):
        return event
    if "record" not in type(event).model_fields:
        return event
    return event.model_copy(update={"record": Evidence("elsewhere", 0, n, f"r{n}")})


def happenings(department: Processor, max_size: int = 40) -> st.SearchStrategy[list[Happening]]:
    """Any story of a department: its events about two keys of each kind, early, late and out of order."""
    return _stories(department.events, tuple(department.aggregates), department.rules, max_size)


@cache
def _stories(
    events: tuple[type[Event], ...], kinds: tuple[str, ...], rules: tuple[Rule, ...], max_size: int
) -> st.SearchStrategy[list[Happening]]:
    gaps = st.sampled_from([timedelta(), timedelta(minutes=1), *(timedelta(hours=h) for h in (5, 24, 100, 800))])
    late = st.sampled_from([timedelta(), timedelta(), timedelta(hours=1), timedelta(days=6)])

    def told(cls: type[Event]) -> st.SearchStrategy[Happening]:
        subjects = [f"{kind}/{id}" for kind in ([cls.kind] if cls.kind else kinds) for id in _IDS]
        said = _reviews(cls, rules) if cls.type.endswith(".finding.reviewed") else models(cls)
        return st.builds(Happening, st.sampled_from(subjects), said, gaps, late)

    anything = st.one_of(*(told(cls) for cls in events))
    return st.lists(anything, min_size=1, max_size=3) | st.lists(anything, min_size=max_size // 2, max_size=max_size)


def _reviews(cls: type[Event], rules: tuple[Rule, ...]) -> st.SearchStrategy[Any]:
    """Reviews of what the department's rules may well have found."""
    ids = st.sampled_from(_IDS)
    found = st.sampled_from(rules).flatmap(
        lambda rule: st.fixed_dictionaries(dict.fromkeys(rule.distinguish, ids)).map(lambda labels: (rule.name, labels))
    )
    return st.builds(lambda m, f: m.model_copy(update={"rule": f[0], "identity": f[1]}), models(cls), found)


@dataclass
class Desk:
    """A department alone, step by step: what each step was given and gave. It asserts that each step is pure."""

    department: Processor
    steps: list[tuple[State, Event, datetime, Step[Any]]] = field(default_factory=list)

    def hears(self, story: Iterable[Happening]) -> "Desk":
        """Applies a story as the engine does: deadlines first, then the event; and lets two years go by."""
        store, now = Store(self.department), BEGIN
        for n, happening in enumerate(story):
            now += happening.after
            self._pass_deadlines(store, now)
            here = Evidence(self.department.inbox, 0, n, f"e{n}")
            about = About(f"e{n}", "/tests", happening.subject, now - happening.late, here)
            event = type(happening.event).model_validate(happening.event.model_dump()).with_about(about)
            self._apply(store, happening.subject, event, now)
        self._pass_deadlines(store, now + timedelta(days=731))
        self.store = store
        return self

    def _pass_deadlines(self, store: Store, before: datetime) -> None:
        while due := store.pop_due(before):
            about = About(f"d{len(self.steps)}", "/tests", due.key, due.at)
            passed = DeadlinePassed(name=due.name, due=due.at).with_about(about)
            step = self._apply(store, due.key, passed, due.at)
            again = step.state.deadlines.get(due.name)
            assert again is None or again > due.at, f"waits for {due.name} again, at {again}, which has passed"

    def _apply(self, store: Store, subject: str, event: Event, at: datetime) -> Step[Any]:
        _, aggregate = self.department.locate(subject)
        entity = store.entity(subject)
        before = entity.state
        rows = rows_of(before)
        step = aggregate.step(before, event, at)
        assert aggregate.step(before, event, at) == step, "the same again gave something else"
        assert rows_of(before) == rows, "the step changed the state it was given"
        self.steps.append((before, event, at, step))
        store.absorb(entity, step.state)
        return step

    @property
    def emitted(self) -> list[Emission]:
        return [said for *_, step in self.steps for said in step.events]


def rows_of(state: State) -> dict[str, Any]:
    """A state's rows as JSON, as they would lie in the changelog."""
    layout = layout_of(type(state))
    rows = {
        (name, entry): layout.dump_row(name, row)
        for name in layout.collections
        for entry, row in getattr(state, name).items()
    }
    return {
        "root": layout.dump_root(state),
        **{f"{name}/{entry}": value for (name, entry), value in sorted(rows.items())},
    }
