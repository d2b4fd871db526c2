"""Finance's thresholds."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from processors.calendar import CalendarSettings
from processors.settings import RuleSettings
from schemas.money import Money

EVERY_PRODUCT = "*"
"""Stands for every product."""

Method = Literal["cash", "transfer", "direct_debit", "card", "fee", "interest", "other"]


def _euros(amount: int) -> Money:
    return Money(amount=Decimal(amount))


class FinanceSettings(RuleSettings):
    """What the rules of Finance may be told."""

    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works."""

    transaction_memory_days: int = Field(default=400, ge=1, le=3650)
    """So long a transaction may still be corrected or reversed."""

    payment_stages_days: tuple[int, ...] = Field(default=(1, 30, 60, 90), min_length=1, max_length=20)
    """On which days after its due date an unpaid payment is said to be missed; from the second one on, an error."""

    reporting_threshold: Money = _euros(10_000)
    """From this sum on, a transaction is reported; the sums just below it are watched."""
    structuring_hours: int = Field(default=24, ge=1, le=720)
    """Within how many hours transactions below the threshold add up to it."""
    structuring_methods: tuple[Method, ...] = ("cash",)
    """Which transactions are watched."""

    unusual_deviations: Decimal = Field(default=Decimal(6), gt=0, le=1000)
    """From the median of an account's latest amounts, so many robust deviations are unusual."""
    unusual_min_transactions: int = Field(default=20, ge=3, le=100)
    """Amounts are not judged before there are so many."""
    unusual_floor_percent: Decimal = Field(default=Decimal(10), gt=0, le=100)
    """A robust deviation is at least this share of the median: where most amounts are the same, it would be 0."""

    reconciliation_business_days: int = Field(default=5, ge=0, le=250)
    """Until when each line of a statement is to be matched, in business days after it came."""

    application_targets_days: dict[str, int] = Field(default={EVERY_PRODUCT: 30})
    """Per product, within how many times 24 hours an application is to be decided; under `*` for every other one."""
    large_application: Money = _euros(50_000)
    """Applications above this are large, for measures."""
    entering_stages: tuple[str, ...] = ("submitted", "entered", "accepted")
    """Stages of an application whose author may not release its approval as well."""
    automatic_users: tuple[str, ...] = ()
    """Accounts that are no persons (interfaces, batch runs); what they do counts for nobody."""

    def target_days(self, product: str | None) -> int:
        """Within how many days this product is decided."""
        targets = self.application_targets_days
        return max(targets.get(product or EVERY_PRODUCT, targets.get(EVERY_PRODUCT, 30)), 0)


DEFAULTS = FinanceSettings()
