"""What the states of management answer besides alerts: the questions of a monthly report on declarations."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from processors.departments.management.declaration import Declaration
from processors.measure import Measure, by_name, cases


def _declarations(name: str, doc: str, holds: Callable[[Declaration], object]) -> Measure:
    return cases(name, doc, "declaration", holds)


def _paid_after(name: str, setting: str) -> Measure:
    """Declarations whose last payment came more than so many days after they were first handed in."""

    def late(declaration: Declaration) -> bool:
        days = timedelta(days=getattr(declaration.settings, setting))
        return declaration.paid_after is not None and declaration.paid_after > days

    return _declarations(name, f"Declarations paid later than `{setting}` after they were first handed in.", late)


def _rejections(key: str, declaration: Declaration) -> Iterator[str]:
    for role, _ in declaration.rejections:
        yield f"{role} {declaration.id}"


def _rejecting_roles(key: str, declaration: Declaration) -> Iterator[str]:
    for role, _ in declaration.rejections:
        yield role


def _rejections_by_role(key: str, declaration: Declaration) -> Iterator[tuple[str, int]]:
    yield from declaration.rejections


def _paid_sums(key: str, declaration: Declaration) -> Iterator[tuple[str, Decimal]]:
    if declaration.payments and declaration.amount is not None:
        yield declaration.amount.currency, declaration.amount.amount


def _over_limit(declaration: Declaration) -> bool:
    amount, limit = declaration.amount, declaration.settings.large_amount
    if amount is None or not declaration.payments:
        return False
    return amount.currency == limit.currency and amount.amount > limit.amount


MEASURES = by_name(
    _declarations("declarations_paid", "Declarations that were paid.", lambda d: d.payments),
    _declarations("declarations_never_paid", "Declarations that were not paid.", lambda d: not d.payments),
    _declarations("declarations_paid_twice", "Declarations that were paid more than once.", lambda d: d.payments > 1),
    _declarations(
        "declarations_submitted_again", "Declarations handed in more than once.", lambda d: d.submissions > 1
    ),
    _declarations("declarations_rejected", "Declarations that anybody sent back.", lambda d: d.rejections),
    Measure("declaration_rejections", "Role and id of each declaration sent back.", "declaration", _rejections),
    Measure(
        "declarations_rejected_by_role",
        "Declarations sent back, by the role that did.",
        "declaration",
        _rejecting_roles,
        "count",
    ),
    Measure(
        "rejections_by_role",
        "How often declarations were sent back, by the role that did.",
        "declaration",
        _rejections_by_role,
        "totals",
    ),
    _paid_after("paid_after_warning_days", "payment_warning_days"),
    _paid_after("paid_after_error_days", "payment_error_days"),
    _paid_after("paid_after_critical_days", "payment_critical_days"),
    _declarations(
        "paid_without_final_approval",
        "Declarations paid and not finally approved.",
        lambda d: d.payments and not d.finally_approved,
    ),
    _declarations(
        "paid_without_budget_owner",
        "Declarations paid that no budget owner approved.",
        lambda d: d.payments and d.settings.budget_owner_role not in d.approvals,
    ),
    _declarations("paid_over_limit", "Declarations over `large_amount` that were paid.", _over_limit),
    _declarations(
        "amount_not_positive",
        "Declarations whose amount is zero or negative.",
        lambda d: d.amount is not None and d.amount.amount <= 0,
    ),
    Measure("declared_and_paid", "What was paid, by currency.", "declaration", _paid_sums, "totals"),
)
