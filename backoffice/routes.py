"""A route tree as `amtool config routes` prints it, and what it makes of labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from processors.alerting.settings import Route
from processors.matchers import matches_all, parse


@dataclass(frozen=True, slots=True)
class Node:
    """A route with what it inherits."""

    matchers: tuple[str, ...]
    continues: bool
    receiver: str
    children: tuple["Node", ...]

    @classmethod
    def of(cls, route: Route, receiver: str = "") -> "Node":
        receiver = route.receiver or receiver
        return cls(route.matchers, route.continue_, receiver, tuple(cls.of(child, receiver) for child in route.routes))

    def matching(self, labels: Mapping[str, str]) -> tuple["Node", ...]:
        """The children that take an alert with these labels from it, in order."""
        found = []
        for child in self.children:
            if matches_all(child.matchers, labels):
                found.append(child)
                if not child.continues:
                    break
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line of a tree, and the lines below it."""

    text: str
    below: tuple["Drawn", ...] = field(default=())


def receivers(node: Node, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Whom an alert with these labels goes to, as often as it goes to them."""
    matching = node.matching(labels)
    return tuple(who for child in matching for who in receivers(child, labels)) if matching else (node.receiver,)


def whole(node: Node) -> Drawn:
    """The whole tree."""
    going_on = "  continue: true" if node.continues else ""
    text = f"{_condition(node)}{going_on}  receiver: {node.receiver}"
    return Drawn(text, tuple(whole(child) for child in node.children))


def matching(node: Node, labels: Mapping[str, str]) -> Drawn:
    """The routes that an alert with these labels takes; where it arrives, the receiver."""
    children = node.matching(labels)
    text = _condition(node) if children else f"{_condition(node)}  receiver: {node.receiver}"
    return Drawn(text, tuple(matching(child, labels) for child in children))


def rows(node: Node, path: str = "0") -> Iterator[dict[str, object]]:
    """The whole tree, a route a row. `path`: the position of each route on the way to it, `0.2.1`."""
    yield {
        "path": path,
        "matchers": [str(parse(matcher)) for matcher in node.matchers],
        "receiver": node.receiver,
        "continue": node.continues,
    }
    for position, child in enumerate(node.children):
        yield from rows(child, f"{path}.{position}")


def lines(drawn: Drawn) -> Iterator[str]:
    """The tree under a dot."""
    yield "."
    yield from _branches((drawn,), "")


def _branches(drawn: tuple[Drawn, ...], indent: str) -> Iterator[str]:
    for i, one in enumerate(drawn):
        last = i == len(drawn) - 1
        yield f"{indent}{'└── ' if last else '├── '}{one.text}"
        yield from _branches(one.below, indent + ("    " if last else "│   "))


def _condition(node: Node) -> str:
    return "{" + ",".join(str(parse(matcher)) for matcher in node.matchers) + "}" if node.matchers else "default-route"
