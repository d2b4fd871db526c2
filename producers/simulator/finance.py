"""Finance in the simulated office: accounts moved and paid as they should be; and what goes wrong with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.finance import (
    AccountOpened,
    ApplicationAdvanced,
    ApplicationDecided,
    ApplicationEvent,
    ApplicationSubmitted,
    FinanceEvent,
    FindingReviewed,
    LimitSet,
    OfferSent,
    PaymentDue,
    PaymentReceived,
    StatementLine,
    StatementReceived,
    StatementReconciled,
    TransactionPosted,
    TransactionReversed,
)
from schemas.money import Money

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """A branch's accounts and applications, and nine planted stories of what goes wrong."""
    yield from _accounts(office)
    yield from _applications(office)
    for problem in (
        _overdrawn,
        _instalment_missed,
        _in_small_sums,
        _far_too_much,
        _line_unmatched,
        _alone,
        _undecided,
        _accepted_and_approved,
        _dollars,
    ):
        yield from problem(office)


def _accounts(office: SimulatedOffice) -> Iterator[Said]:
    """A dozen accounts: opened, with a credit line, moved a few times a day, matched the next."""
    rng = office.rng("finance")
    for n in range(12):
        account, at = f"A-{n:02}", office.clock(0, time(6, n))
        yield _say(at, account, AccountOpened(currency="EUR"))
        yield _say(at, account, LimitSet(lowest=_euros(-20_000), by="E-040"))
    for day in filter(office.is_workday, range(office.days)):
        for n in range(12):
            at = office.clock(day, time(9 + rng.randrange(6), rng.randrange(60)))
            yield from _day(f"A-{n:02}", f"{day}-{n}", at, rng.randrange(80, 120))


def _day(account: str, name: str, at: datetime, euros: int) -> Iterator[Said]:
    """A booking by two people, an instalment that comes in time, and a statement that is matched."""
    amount = _euros(-euros)
    yield _say(at, account, _posted(f"TX-{name}", amount, "E-041", "E-042"))
    yield _say(at, account, PaymentDue(payment=f"DUE-{name}", amount=_euros(50), due_on=at.date()))
    paid = PaymentReceived(payment=f"DUE-{name}", receipt=f"R-{name}", amount=_euros(50))
    yield _say(at + HOUR, account, paid)
    lines = (StatementLine(line="1", amount=amount),)
    yield _say(at + 2 * HOUR, account, StatementReceived(statement=f"ST-{name}", lines=lines))
    yield _say(at + 24 * HOUR, account, StatementReconciled(statement=f"ST-{name}", by="E-041"))


def _applications(office: SimulatedOffice) -> Iterator[Said]:
    """Taken in, accepted and decided by different people, within hours."""
    rng = office.rng("finance/applications")
    for day in filter(office.is_workday, range(office.days)):
        for n in range(4):
            at = office.clock(day, time(9, rng.randrange(60)))
            outcome = ApplicationDecided(outcome="approved" if rng.random() < 0.4 else "declined", by="E-045")
            yield from _applied(f"L-{day}-{n}", at, (3 * HOUR, outcome))


def _applied(name: str, at: datetime, *later: tuple[timedelta, ApplicationEvent]) -> Iterator[Said]:
    submitted = ApplicationSubmitted(amount=_euros(12_000), product="loan", by="E-043")
    yield Said(at, f"application/{name}", submitted)
    yield Said(at + HOUR, f"application/{name}", ApplicationAdvanced(stage="accepted", by="E-044"))
    yield Said(at + 2 * HOUR, f"application/{name}", OfferSent(offer=f"OFF-{name}", by="E-044"))
    for after, event in later:
        yield Said(at + after, f"application/{name}", event)


def _overdrawn(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A transfer overdraws an account; the reversal two hours later puts it right."""
    account, at = "A-over", office.clock(workday(office, 0), time(10, 30))
    yield _say(office.clock(0, time(6)), account, LimitSet(lowest=_euros(-500)))
    yield _say(at, account, _posted("TX-over", _euros(-800), "E-041", "E-042"))
    yield _say(at + 2 * HOUR, account, TransactionReversed(transaction="TX-over", by="E-042"))
    yield from expected(office, "finance.limit_breached", f"account/{account}", at, at + 2 * HOUR, limit="lowest")


def _instalment_missed(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Half of an instalment comes in time, the rest a day and a half late."""
    account, day = "A-owing", workday(office, 1)
    at, name = office.clock(day, time(8)), "INST-1"
    due = PaymentDue(payment=name, amount=_euros(300), due_on=at.date())
    yield _say(at, account, due)
    yield _say(at + HOUR, account, PaymentReceived(payment=name, receipt="R-1", amount=_euros(150)))
    missed, paid = office.clock(day + 1, time()), office.clock(day + 2, time(12))
    yield _say(paid, account, PaymentReceived(payment=name, receipt="R-2", amount=_euros(150)))
    yield from expected(office, "finance.payment_missed", f"account/{account}", missed, paid, payment=name)


def _in_small_sums(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Three deposits of cash within a day, each below the reporting threshold; nobody reviews it."""
    account, at = "A-cash", office.clock(workday(office, 0), time(9, 15))
    for n in range(3):
        cash = _posted(f"TX-cash-{n}", _euros(3_900), "E-041", "E-042").model_copy(update={"method": "cash"})
        yield _say(at + n * 3 * HOUR, account, cash)
    yield from expected(
        office,
        "finance.structuring",
        f"account/{account}",
        at + 6 * HOUR,
        None,
        neglected=True,
        first="TX-cash-0",
    )


def _far_too_much(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """After many small transfers comes one a hundred times as large, which the client confirms."""
    account, at = "A-usual", office.clock(workday(office, 1), time(11))
    for n in range(25):
        small = _posted(f"TX-small-{n}", _euros(-20 - n % 7), "E-041", "E-042")
        yield _say(at - (30 - n) * MINUTE, account, small)
    yield _say(at, account, _posted("TX-large", _euros(-2_500), "E-041", "E-042"))
    reviewed = at + 4 * HOUR
    yield _say(reviewed, account, _review("finance.unusual_amount", transaction="TX-large"))
    yield from expected(office, "finance.unusual_amount", f"account/{account}", at, reviewed, transaction="TX-large")


def _line_unmatched(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """One of two lines of a statement is matched a day too late."""
    account, at = "A-books", office.clock(workday(office, 0), time(8))
    lines = (StatementLine(line="1", amount=_euros(10)), StatementLine(line="2", amount=_euros(-70)))
    yield _say(at, account, StatementReceived(statement="ST-books", lines=lines))
    yield _say(at + HOUR, account, StatementReconciled(statement="ST-books", lines=("1",)))
    due, matched = office.clock(workday(office, 5), time(17)), office.clock(workday(office, 6), time(10))
    yield _say(matched, account, StatementReconciled(statement="ST-books", lines=("2",)))
    yield from expected(office, "finance.unreconciled", f"account/{account}", due, matched, statement="ST-books")


def _alone(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """One person enters and releases a transfer; nobody looks at it."""
    account, at = "A-alone", office.clock(workday(office, 1), time(17, 40))
    yield _say(at, account, _posted("TX-alone", _euros(-640), "E-047", "E-047"))
    yield from expected(
        office,
        "finance.four_eyes",
        f"account/{account}",
        at,
        None,
        neglected=True,
        item="TX-alone",
        person="E-047",
    )


def _undecided(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """An application of last month is taken over on the first day; its thirty days end on the second."""
    name, taken_over = "L-old", office.clock(0, time(7))
    due = office.clock(workday(office, 1), time(12))
    decided = office.clock(workday(office, 2), time(10))
    applied = due - timedelta(days=30)
    submitted = ApplicationSubmitted(amount=_euros(9_000), product="loan", by="E-043", submitted_at=applied)
    yield Said(taken_over, f"application/{name}", submitted)
    yield Said(decided, f"application/{name}", ApplicationDecided(outcome="declined", by="E-045"))
    yield from expected(office, "finance.application_overdue", f"application/{name}", due, decided)


def _accepted_and_approved(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """The one who accepted an application approves it; audit lets it stand the next day."""
    name, at = "L-both", office.clock(workday(office, 2), time(9))
    approved, reviewed = at + 3 * HOUR, at + 28 * HOUR
    yield from _applied(name, at, (3 * HOUR, ApplicationDecided(outcome="approved", by="E-044")))
    yield Said(reviewed, f"application/{name}", _review("finance.four_eyes", item=name, person="E-044"))
    yield from expected(
        office, "finance.four_eyes", f"application/{name}", approved, reviewed, item=name, person="E-044"
    )


def _dollars(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Dollars are booked on an account in euros, and corrected within the hour."""
    account, at = "A-dollar", office.clock(workday(office, 0), time(15))
    yield _say(at - 5 * HOUR, account, AccountOpened(currency="EUR"))
    wrong = _posted("TX-dollar", Money(amount=Decimal(90), currency="USD"), "E-041", "E-042")
    yield _say(at, account, wrong)
    yield _say(at + 40 * MINUTE, account, _posted("TX-dollar", _euros(90), "E-041", "E-042"))
    yield from expected(
        office,
        "finance.currency_mismatch",
        f"account/{account}",
        at,
        at + 40 * MINUTE,
        transaction="TX-dollar",
    )


def _posted(name: str, amount: Money, entered_by: str, released_by: str) -> TransactionPosted:
    return TransactionPosted(transaction=name, amount=amount, entered_by=entered_by, released_by=released_by)


def _review(rule: str, **identity: str) -> FindingReviewed:
    return FindingReviewed(rule=rule, identity=identity, by="audit", outcome="justified")


def _euros(amount: int) -> Money:
    return Money(amount=Decimal(amount))


def _say(at: datetime, account: str, event: FinanceEvent) -> Said:
    return Said(at, f"account/{account}", event)
