"""A group's alerts, page by page: a row for some dozens of them, so that neither a new one nor a notice about all of
them writes a row for each."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from processors.rows import Rows

PAGE = 64
"""Alerts on a page."""

Mark = Literal["", "firing", "resolved", "left firing", "left resolved"]
"""What the group's last notice said of an alert; "": nothing. One that has `left` is no member any more: it counts only
for what the next notice may leave unsaid."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some alerts of a group, by fingerprint. `next` and `previous` are the numbers of pages; 0: there is none."""

    alerts: dict[str, Mark]
    next: int = 0
    previous: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """Where a group's pages begin, and how many were ever made: the number of a page is never used again."""

    first: int = 0
    made: int = 0


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one group among those of all."""

    group: str
    rows: Rows[Page]
    roster: Roster = field(default_factory=Roster)

    def __iter__(self) -> Iterator[tuple[int, Page]]:
        number = self.roster.first
        while number:
            page = self.rows[self._entry(number)]
            yield number, page
            number = page.next

    def mark(self, fingerprint: str, number: int) -> Mark | None:
        """What stands on a page of an alert; None: it is not on it."""
        page = self.rows.get(self._entry(number))
        return None if page is None else page.alerts.get(fingerprint)

    def add(self, fingerprint: str) -> tuple["Pages", int]:
        """With an alert that is on no page of it, and the page it has come to."""
        number = self.roster.first
        page = self.rows[self._entry(number)] if number else None
        if page is not None and len(page.alerts) < PAGE:
            return self._with(number, Page({**page.alerts, fingerprint: ""}, page.next, page.previous)), number
        number = self.roster.made + 1
        rows = self.rows.put(self._entry(number), Page({fingerprint: ""}, next=self.roster.first))
        if page is not None:
            rows = rows.put(self._entry(self.roster.first), replace(page, previous=number))
        return replace(self, rows=rows, roster=Roster(number, number)), number

    def set(self, fingerprint: str, number: int, mark: Mark) -> "Pages":
        """With another mark of an alert that is on this page."""
        page = self.rows[self._entry(number)]
        return self._with(number, replace(page, alerts={**page.alerts, fingerprint: mark}))

    def drop(self, fingerprint: str, number: int) -> "Pages":
        """Without an alert that is on this page."""
        page = self.rows[self._entry(number)]
        return self.rewrite(number, {one: mark for one, mark in page.alerts.items() if one != fingerprint})

    def rewrite(self, number: int, alerts: dict[str, Mark]) -> "Pages":
        """With these on a page instead. One that becomes empty goes."""
        page = self.rows[self._entry(number)]
        if alerts:
            return self if alerts == page.alerts else self._with(number, replace(page, alerts=alerts))
        rows, roster = self.rows.drop(self._entry(number)), self.roster
        if page.previous:
            before = self._entry(page.previous)
            rows = rows.put(before, replace(rows[before], next=page.next))
        else:
            roster = replace(roster, first=page.next)
        if page.next:
            after = self._entry(page.next)
            rows = rows.put(after, replace(rows[after], previous=page.previous))
        return replace(self, rows=rows, roster=roster)

    def clear(self) -> Rows[Page]:
        """The pages of all groups, without its own."""
        rows = self.rows
        for number, _ in self:
            rows = rows.drop(self._entry(number))
        return rows

    def _with(self, number: int, page: Page) -> "Pages":
        return Pages(self.group, self.rows.put(self._entry(number), page), self.roster)

    def _entry(self, number: int) -> str:
        return f"{self.group}/{number}"
