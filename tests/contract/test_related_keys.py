"""What rules over several keys find, they find when those keys lie in different partitions, whoever is heard first."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from schemas.accounting import InvoiceApproved, InvoiceReceived
from schemas.envelope import Event
from schemas.hr import EmployeeHired, EmployeeTerminated, LeaveStarted
from schemas.it import AccountProvisioned, AccountProvisionRequested
from schemas.money import Money
from tests.office import Office

PARTITIONS = 5

Said = list[tuple[str, Event]]


@dataclass(frozen=True)
class Story:
    """A rule, the keys that it compares, and what is said of each of them, in each key's own order."""

    rule: str
    keys: tuple[str, ...]
    """Kinds; the ids are chosen so that no two keys meet in one partition."""
    said: Callable[[Sequence[str]], list[Said]]


def hired(who: str, manager: str | None = None, identity: str | None = None) -> tuple[str, Event]:
    said = EmployeeHired(role="executive", start_on=date(2025, 1, 7), manager=manager, identity_hash=identity)
    return f"employee/{who}", said


def left(who: str) -> tuple[str, Event]:
    return f"employee/{who}", EmployeeTerminated(last_day=date(2025, 12, 12))


def account_forgotten(ids: Sequence[str]) -> list[Said]:
    person, account = ids
    asked, there = AccountProvisionRequested(person=person), AccountProvisioned()
    return [[hired(person), left(person)], [(f"account/{account}", asked), (f"account/{account}", there)]]


def manager_left(ids: Sequence[str]) -> list[Said]:
    manager, report = ids
    return [[hired(manager), left(manager)], [hired(report, manager)]]


def entered_twice(ids: Sequence[str]) -> list[Said]:
    return [[hired(who, identity="5f2b")] for who in ids]


def approved_on_leave(ids: Sequence[str]) -> list[Said]:
    person, delegate, vendor = ids
    amount = Money(amount=Decimal(100))
    issued = date(2026, 1, 2)
    invoice = InvoiceReceived(invoice="RE-1", number="1", amount=amount, issued_on=issued, due_on=date(2026, 12, 31))
    approved = InvoiceApproved(invoice="RE-1", approver=person)
    away = LeaveStarted(leave="L-1", starts_on=issued, delegate=delegate)
    return [
        [hired(person), (f"employee/{person}", away)],
        [hired(delegate)],
        [(f"vendor/{vendor}", invoice), (f"vendor/{vendor}", approved)],
    ]


STORIES = [
    Story("hr.access_after_termination", ("employee", "account"), account_forgotten),
    Story("hr.orphaned_reports", ("employee", "employee"), manager_left),
    Story("hr.duplicate_person", ("employee", "employee"), entered_twice),
    Story("accounting.approver_ineligible", ("person", "person", "vendor"), approved_on_leave),
]


def partition(key: str) -> int:
    """As the office in memory places a key."""
    return zlib.crc32(key.encode()) % PARTITIONS


def apart(kinds: Sequence[str]) -> list[str]:
    """An id for each key, so that all keys lie in different partitions."""
    ids: list[str] = []
    taken: set[int] = set()
    for kind in kinds:
        id = next(f"X-{n}" for n in count(1) if f"X-{n}" not in ids and partition(f"{kind}/X-{n}") not in taken)
        taken.add(partition(f"{kind}/{id}"))
        ids.append(id)
    return ids


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
@pytest.mark.parametrize("partitions", [1, PARTITIONS])
@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.rule)
def test_keys_that_lie_apart_are_compared(story: Story, partitions: int, turned: bool) -> None:
    ids = apart(story.keys)
    assert len({partition(f"{kind}/{id}") for kind, id in zip(story.keys, ids, strict=True)}) == len(story.keys)
    stories = story.said(ids)
    settings: dict[str, dict[str, Any]] = {"hr": {"required_documents": {}, "onboarding_checklist": {}}}
    office = Office(partitions=partitions, settings=settings)
    for said in reversed(stories) if turned else stories:
        office.receives(*said)
    found = office.at("2026-01-06").one(story.rule)
    assert found.evidence
    assert office.dead_letters == []
