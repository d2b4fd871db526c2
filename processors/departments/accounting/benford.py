"""First digits: amounts that grew by themselves follow Benford's law, invented ones rarely do.

F. Benford, The Law of Anomalous Numbers, 1938; as an audit test: M. Nigrini, Benford's Law, 2012.
"""

import math
from datetime import datetime
from decimal import Decimal

from processors.departments.accounting.vendor import Vendor
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import InvoiceReceived
from schemas.envelope import Event

FIRST_DIGIT = Rule(
    "accounting.first_digit",
    "info",
    "the first digits of a vendor's amounts stray from Benford's law (chi-square)",
    "back in line",
    measure="the first digits of every amount the vendor has invoiced",
    settings=("first_digit_min_invoices", "first_digit_p"),
)

BENFORD = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))
"""The share of amounts that begin with 1, 2, … 9."""


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    if not isinstance(event, InvoiceReceived):
        return now
    vendor = _count(now.state, event.invoice, first_digit(event.amount.amount))
    now = Step(vendor, now.emit)
    if sum(vendor.digits) < vendor.settings.first_digit_min_invoices:
        return now
    p = significance(chi_square(vendor.digits))
    if p >= vendor.settings.first_digit_p:
        return now.resolves(FIRST_DIGIT, at, "the first digits are in line again", by=[event])
    return now.fires(
        FIRST_DIGIT,
        at,
        f"The first digits of what {vendor.id} invoices stray from Benford's law",
        because=[event],
        annotations={
            "digits": ", ".join(str(n) for n in vendor.digits),
            "p": f"{p:.2g}",
        },
        measured=f"p = {p:.2g} of {sum(vendor.digits)} amounts",
    )


def _count(vendor: Vendor, invoice: str, digit: int) -> Vendor:
    """Counts a document once, with the amount it was last received with."""
    before = vendor.invoice(invoice).digit
    if digit == before:
        return vendor
    digits = list(vendor.digits)
    if before:
        digits[before - 1] -= 1
    if digit:
        digits[digit - 1] += 1
    return vendor.with_invoice(invoice, digit=digit).evolve(digits=tuple(digits))


def first_digit(amount: Decimal) -> int:
    """The first digit that is not 0; 0 for nothing."""
    return next((digit for digit in amount.as_tuple().digits if digit), 0)


def chi_square(digits: tuple[int, ...]) -> float:
    """How far nine counts stray from Benford's law; 8 degrees of freedom."""
    n = sum(digits)
    if not n:
        return 0.0
    return sum((count - n * share) ** 2 / (n * share) for count, share in zip(digits, BENFORD, strict=True))


def significance(chi: float) -> float:
    """The probability of a chi-square so large or larger by chance, at 8 degrees of freedom (closed form)."""
    half = chi / 2
    return math.exp(-half) * sum(half**i / math.factorial(i) for i in range(4))
