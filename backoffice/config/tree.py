"""The route tree as a whole: what its root may not say, and the names that its routes use."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from backoffice.config.explain import suggestion
from backoffice.config.problems import Location
from processors.alerting.settings import Route

Found = tuple[Location, str]

_WHERE = {
    "receiver": "receivers",
    "escalation policy": "escalation_policies",
    "time interval": "time_intervals",
    "user": "users",
}
"""Where things are written that others name."""


def problems(
    root: Route, receivers: Sequence[str], intervals: Sequence[str], policies: Sequence[str] = ()
) -> Iterator[Found]:
    """Every problem of a route tree with its place, the root's being `route`."""
    yield from _root(root)
    yield from _routes(
        root, ("route",), {"receiver": receivers, "time interval": intervals, "escalation policy": policies}
    )


def duplicates(field: str, names: Sequence[str], what: str) -> Iterator[Found]:
    """Each name of a list that was there before."""
    counts = Counter(names)
    for i, name in enumerate(names):
        if counts[name] > 1 and names.index(name) != i:
            yield (field, i, "name"), f"a second {what} named {name!r} (rename one of them, or merge them)"


def known(name: str | None, names: Collection[str], here: Location, what: str) -> Iterator[Found]:
    """Whether there is what a name stands for. None stands for nothing."""
    if name is not None and name not in names:
        hint = suggestion(name, list(dict.fromkeys(names)))
        yield here, f"there is no {what} {name!r} ({hint} or add it under {_WHERE[what]})"


def _root(root: Route) -> Iterator[Found]:
    if root.receiver is None:
        yield ("route",), "has no receiver (name one: the root route takes whatever no other route does)"
    if root.matchers:
        yield ("route", "matchers"), "the root route takes every alert (move the matchers to a route below it)"
    if root.continue_:
        yield ("route", "continue"), "the root route has no route beside it (remove it)"
    for field in ("mute_time_intervals", "active_time_intervals"):
        if getattr(root, field):
            yield ("route", field), "the root route is always there (name the interval in routes below it)"


def _routes(route: Route, here: Location, names: dict[str, Sequence[str]]) -> Iterator[Found]:
    yield from known(route.receiver, names["receiver"], (*here, "receiver"), "receiver")
    yield from known(route.escalation, names["escalation policy"], (*here, "escalation"), "escalation policy")
    for field in ("mute_time_intervals", "active_time_intervals"):
        for i, name in enumerate(getattr(route, field)):
            yield from known(name, names["time interval"], (*here, field, i), "time interval")
    for i, child in enumerate(route.routes):
        yield from _routes(child, (*here, "routes", i), names)
