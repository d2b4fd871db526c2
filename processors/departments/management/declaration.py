"""A declaration of expenses: what was done with it, and when."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.departments.management.settings import DEFAULTS, ManagementSettings
from processors.departments.reviews import Reviewed
from schemas.envelope import Event, Evidence
from schemas.management import (
    DeclarationApproved,
    DeclarationEvent,
    DeclarationPaid,
    DeclarationRejected,
    DeclarationSubmitted,
)
from schemas.money import Money

MOST_ROLES = 50
"""Roles told apart on one declaration; there are a handful."""


@dataclass(frozen=True, kw_only=True)
class Declaration(Reviewed):
    """What is known of one declaration. Everything may come late and out of order."""

    settings: ManagementSettings = field(default=DEFAULTS)
    amount: Money | None = None
    told_at: datetime | None = None
    """How new the amount is."""
    amount_record: Evidence | None = None
    submissions: int = 0
    first_submitted_at: datetime | None = None
    last_submitted_at: datetime | None = None
    submission: Evidence | None = None
    """The record of the first one."""
    another: Evidence | None = None
    """The record of another one."""
    approvals: tuple[str, ...] = ()
    """The roles that approved it, each once."""
    finally_approved: bool = False
    rejections: tuple[tuple[str, int], ...] = ()
    """How often each role sent it back."""
    last_rejected_at: datetime | None = None
    payments: int = 0
    last_paid_at: datetime | None = None
    payment: Evidence | None = None
    """The record of the last one."""

    @property
    def submitted(self) -> bool:
        """Handed in, and not sent back since."""
        if self.last_submitted_at is None:
            return False
        return self.last_rejected_at is None or self.last_rejected_at < self.last_submitted_at

    @property
    def paid_after(self) -> timedelta | None:
        """From the first time it was handed in to the last payment; None when either is not known."""
        if self.first_submitted_at is None or self.last_paid_at is None:
            return None
        return self.last_paid_at - self.first_submitted_at

    def rejected_by(self, role: str) -> int:
        return next((n for name, n in self.rejections if name == role), 0)


def read(declaration: Declaration, event: Event) -> Declaration:
    """The declaration after an event of its own."""
    if not isinstance(event, DeclarationEvent):
        return declaration
    time, here = event.about.time, event.about.record
    if event.amount is not None and (declaration.told_at is None or declaration.told_at <= time):
        new = event.amount != declaration.amount
        record = here if new else declaration.amount_record
        declaration = declaration.evolve(amount=event.amount, told_at=time, amount_record=record)
    match event:
        case DeclarationSubmitted():
            return _submitted(declaration, time, here)
        case DeclarationApproved():
            approvals = tuple(dict.fromkeys((*declaration.approvals, event.by)))[:MOST_ROLES]
            return declaration.evolve(approvals=approvals, finally_approved=declaration.finally_approved or event.final)
        case DeclarationRejected():
            others = tuple(each for each in declaration.rejections if each[0] != event.by)
            rejections = sorted((*others, (event.by, declaration.rejected_by(event.by) + 1)))[:MOST_ROLES]
            last = max(declaration.last_rejected_at or time, time)
            return declaration.evolve(rejections=tuple(rejections), last_rejected_at=last)
        case DeclarationPaid():
            newest = declaration.last_paid_at is None or declaration.last_paid_at <= time
            return declaration.evolve(
                payments=declaration.payments + 1,
                last_paid_at=time if newest else declaration.last_paid_at,
                payment=here if newest else declaration.payment,
            )
    return declaration


def _submitted(declaration: Declaration, time: datetime, here: Evidence | None) -> Declaration:
    first = declaration.first_submitted_at is None or time < declaration.first_submitted_at
    return declaration.evolve(
        submissions=declaration.submissions + 1,
        first_submitted_at=time if first else declaration.first_submitted_at,
        last_submitted_at=max(declaration.last_submitted_at or time, time),
        submission=here if first else declaration.submission,
        another=declaration.another or (declaration.submission if first else here),
    )
