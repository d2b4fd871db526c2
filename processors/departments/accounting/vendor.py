"""A vendor with its orders, invoices and payments, before any rule reads them."""

from dataclasses import dataclass, field

from processors.calendar import Calendar
from processors.departments.accounting.line_history import LineHistory
from processors.departments.accounting.rows import (
    NO_INVOICE,
    Act,
    BankChange,
    Invoice,
    Line,
    NearLimit,
    NumberUse,
    Payment,
)
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Evidence


@dataclass(frozen=True, kw_only=True)
class Vendor(Reviewed):
    """Everything known of a vendor."""

    label_fields = ("vendor_class", "country")

    settings: AccountingSettings = field(default=AccountingSettings())
    vendor_class: str | None = None
    country: str | None = None
    created_by: str | None = None
    creation: Evidence | None = None
    creations: int = 0
    """How often it was told who created the vendor, or that somebody did not: the revision of the latest."""
    bank_change: BankChange | None = None
    latest_payment: str | None = None
    digits: tuple[int, ...] = (0,) * 9
    """How many invoices' amounts begin with 1, 2, … 9."""
    invoices: Rows[Invoice] = field(default_factory=Rows)
    payments: Rows[Payment] = field(default_factory=Rows)
    lines: Rows[Line] = field(default_factory=Rows)
    """By `pair(order, line)`."""
    histories: Rows[LineHistory] = field(default_factory=Rows)
    """What happened to each order line, by `pair(order, line)`."""
    numbers: Rows[NumberUse] = field(default_factory=Rows)
    """By normalised number."""
    amounts: Rows[NumberUse] = field(default_factory=Rows)
    """By amount and date, for as long as a second one would be suspicious."""
    acts: Rows[tuple[Act, ...]] = field(default_factory=Rows)
    """What a person did on a purchase, by `pair(purchase, person)`."""
    near_limits: Rows[tuple[NearLimit, ...]] = field(default_factory=Rows)
    """The latest purchases just under a limit, by limit."""

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    def invoice(self, invoice: str) -> Invoice:
        """The document, or an empty one of which nothing is known yet."""
        return self.invoices.get(invoice, NO_INVOICE)

    def with_invoice(self, invoice: str, **changes: object) -> "Vendor":
        changed = self.invoice(invoice).evolve(**changes)
        return self.evolve(invoices=self.invoices.put(invoice, changed))

    def purchase_of(self, invoice: str) -> str:
        """The purchase a document belongs to: its order, or itself."""
        return self.invoice(invoice).order or invoice
