"""Which alerts somebody wants to see, as the page's address says it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from consumers.api.ports import Matcher, Rules
from consumers.console.board import STATES, Row

OPEN = tuple(state for state in STATES if state != "resolved")

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What an address says; the names are those of its query."""

    q: str = ""
    """Words that must occur in summary, rule, subject, labels or fingerprint."""
    match: str = ""
    """Label matchers, as Alertmanager writes them, joined by commas."""
    state: str = ""
    """States joined by commas; nothing: all that fire."""
    severity: str = ""
    department: str = ""
    receiver: str = ""
    """Who has been told."""
    mine: str = ""
    """`1`: only what the person who looks has, or is assigned."""
    group: str = ""
    """The label to group by."""
    page: str = ""
    """From 1."""

    @staticmethod
    def read(query: Mapping[str, str]) -> "Filter":
        """From an address, whose other words are left alone."""
        return Filter(**{f.name: query[f.name][:500] for f in fields(Filter) if f.name in query})

    def query(self) -> dict[str, str]:
        """For an address: what differs from the defaults."""
        return {f.name: said for f in fields(self) if (said := getattr(self, f.name))}

    @property
    def states(self) -> tuple[str, ...]:
        asked = tuple(state for state in self.state.split(",") if state in STATES)
        return asked or OPEN

    @property
    def number(self) -> int:
        return int(self.page) if self.page.isdecimal() and 0 < int(self.page) < 1_000_000 else 1

    def matchers(self, rules: Rules) -> list[Matcher]:
        """Raises ValueError with what is wrong with them."""
        return [rules.matcher(text) for text in split(self.match)]

    def takes(self, row: Row, matchers: Iterable[Matcher], who: str) -> bool:
        """Whether to show an alert to this person."""
        alert = row.alert
        return (
            row.state in self.states
            and (not self.severity or row.severity == self.severity)
            and (not self.department or row.department == self.department)
            and (not self.receiver or self.receiver in alert.receivers)
            and (not self.mine or who in row.holders)
            and all(matcher.matches(alert.labels) for matcher in matchers)
            and all(word in _words(row) for word in self.q.lower().split())
        )

    def apply(self, rows: Iterable[Row], rules: Rules, who: str) -> list[Row]:
        """Those to show, in their order; grouped ones together, the group of the worst first. Raises ValueError."""
        matchers = self.matchers(rules)
        found = [row for row in rows if self.takes(row, matchers, who)]
        if not self.group:
            return found
        groups: dict[str, list[Row]] = {}
        for row in found:
            groups.setdefault(row.alert.labels.get(self.group, ""), []).append(row)
        return [row for members in groups.values() for row in members]


def _words(row: Row) -> str:
    alert = row.alert
    said = (row.summary, alert.rule, alert.subject, alert.fingerprint, *alert.labels.values(), *row.holders)
    return " ".join(said).lower()


def split(text: str) -> list[str]:
    """Matchers joined by commas; those within quotes do not part them."""
    parts, quoted, part = [], False, ""
    for before, letter in zip(" " + text, text, strict=False):
        if letter == '"' and before != "\\":
            quoted = not quoted
        if letter == "," and not quoted:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [part.strip() for part in (*parts, part) if part.strip()]
