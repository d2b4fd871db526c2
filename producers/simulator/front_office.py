"""The front office's part of the simulated office: complaints that go well, and some that do not."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from producers.simulator.it import outage_id
from producers.simulator.office import Expected, PlantedOutage, Said, SimulatedOffice
from schemas.envelope import Event
from schemas.front_office import (
    ClientInformed,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintAwaitingCustomer,
    ComplaintCustomerReplied,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintResolved,
    RepresentativeGaveUp,
)

Happenings = Iterator[Said | Expected]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

MANAGER = "back-office-manager"
EXECUTIVE = "executive"
"""Who acknowledges escalated complaints."""

COMPLAINTS_PER_OUTAGE = 6


def life(office: SimulatedOffice) -> Happenings:
    """Everything the front office says; see producers.simulator.office.Life."""
    rng = office.rng("front_office")
    workdays = [day for day in range(office.days) if office.is_workday(day)]
    for n, day in enumerate(workdays):
        per_day = max(1, min(office.customers // 15, 8))
        for i in range(per_day):
            customer = f"CU-{(n * per_day + i) % office.customers:03}"  # in turn: nobody complains every week
            yield from _a_complaint(office, rng, f"C-{n + 1}{i:02}", day, customer)
    yield from _again_and_again(office, rng, workdays)
    for outage in office.outages:
        yield from _complaints_about(office, outage, rng)
    for plan, day in zip((_unanswered, _given_up, _regulated), workdays, strict=False):
        yield from plan(office, rng, day)


def _received(office: SimulatedOffice, rng: Random, at: datetime, **fields: object) -> ComplaintReceived:
    """A complaint of a customer who has not complained for long, unless `fields` say another one."""
    customer = f"CU-{at:%Y%m%d%H%M}"
    channel = rng.choice(("phone", "mail", "web"))
    return ComplaintReceived.model_validate(
        {"customer": customer, "received_at": at, "channel": channel, "product": "Home internet", **fields}
    )


def _says(name: str, begin: datetime, *said: tuple[int, Event]) -> Iterator[Said]:
    """Each event so many minutes after the beginning."""
    for minutes, event in said:
        yield Said(begin + minutes * MINUTE, f"complaint/{name}", event)


def _a_complaint(office: SimulatedOffice, rng: Random, name: str, day: int, customer: str) -> Iterator[Said]:
    """Answered within hours, settled the same day; now and then the client is asked for something."""
    begin = office.clock(day, time(9)) + rng.randrange(180) * MINUTE
    representative = f"R-{rng.randrange(4)}"
    yield from _says(
        name,
        begin,
        (0, _received(office, rng, begin, customer=customer)),
        (7, ComplaintAssigned(representative=representative)),
        (40, ComplaintAnswered(by=representative)),
    )
    if rng.random() < 0.4:
        yield from _says(name, begin, (41, ComplaintAwaitingCustomer()), (120, ComplaintCustomerReplied()))
        yield from _says(name, begin, (150, ComplaintAnswered(by=representative)))
    yield from _says(name, begin, (rng.randrange(180, 280), ComplaintResolved()))


def _again_and_again(office: SimulatedOffice, rng: Random, workdays: list[int]) -> Happenings:
    """One client complains on each of the first three days. Each time it is settled at once; something else is not."""
    for n, day in enumerate(workdays[:3]):
        begin = office.clock(day, time(12, 30))
        yield from _says(
            f"C-AGAIN-{n}",
            begin,
            (0, _received(office, rng, begin, customer="CU-AGAIN")),
            (20, ComplaintAnswered(by="R-2")),
            (30, ComplaintResolved()),
        )
    if len(workdays) >= 3:
        quiet = office.clock(workdays[2], time(12, 30)) + timedelta(days=30)
        yield Expected("front_office.repeat_complaints", "customer/CU-AGAIN", resolved=quiet < office.end)


def _complaints_about(office: SimulatedOffice, outage: PlantedOutage, rng: Random) -> Happenings:
    """Clients complain of a service that is down: one alert says so for all of them."""
    for n in range(COMPLAINTS_PER_OUTAGE):
        begin = outage.begins + (4 + 9 * n) * MINUTE
        name = f"C-{outage.begins:%Y%m%d}-{n}"
        resolved = 60 if n == 0 else 150
        yield from _says(
            name,
            begin,
            (0, _received(office, rng, begin, service=outage.service)),
            (5, ComplaintAssigned(representative="R-1")),
            (resolved - 10, ComplaintAnswered(by="R-1")),
            (resolved, ComplaintResolved()),
        )
        if n < 2:
            yield from _given_up_during(outage, name, begin, resolved)
    yield Expected("correlation.impact", f"service/{outage.service}", {"outage": outage_id(outage)}, resolved=True)
    yield Expected(
        "correlation.outage_explains_complaints",
        f"service/{outage.service}",
        {"outage": outage_id(outage)},
        resolved=True,
        acknowledged_at=outage.begins + 20 * MINUTE,
        acknowledged_by=MANAGER,
    )


def _given_up_during(outage: PlantedOutage, name: str, begin: datetime, resolved: int) -> Happenings:
    """Nobody is told while the outage explains it; what is left when that is over, the manager takes."""
    given_up = RepresentativeGaveUp(representative="R-1")
    yield from _says(name, begin, (10, given_up), (12, ClientInformed(channel="phone")))
    told = begin + resolved * MINUTE > outage.ends
    yield Expected(
        "front_office.escalated",
        f"complaint/{name}",
        resolved=True,
        acknowledged_at=outage.ends + 20 * MINUTE if told else None,
        acknowledged_by=MANAGER if told else None,
    )


def _unanswered(office: SimulatedOffice, rng: Random, day: int) -> Happenings:
    """A complaint of this morning lies around until it is answered the next afternoon but one."""
    later = [d for d in range(day + 1, office.days) if office.is_workday(d)]
    begin = office.clock(day, time(10))
    yield from _says("C-FORGOTTEN", begin, (0, _received(office, rng, begin)))
    if later:
        answered = office.clock(later[0], time(15))
        yield from _says("C-FORGOTTEN", answered, (0, ComplaintAnswered(by="R-2")), (30, ComplaintResolved()))
        yield Expected("front_office.first_response", "complaint/C-FORGOTTEN", resolved=True, escalates=True)


def _given_up(office: SimulatedOffice, rng: Random, day: int) -> Happenings:
    """The representative gives up: the manager takes it. It is settled, then reopened: an executive has to."""
    begin = office.clock(day, time(9, 20))
    yield from _says(
        "C-HARD",
        begin,
        (0, _received(office, rng, begin)),
        (5, ComplaintAssigned(representative="R-3")),
        (50, ComplaintAnswered(by="R-3")),
        (90, RepresentativeGaveUp(representative="R-3")),
        (120, ClientInformed(channel="phone")),
        (240, ComplaintResolved()),
        (270, ComplaintReopened()),
        (300, ClientInformed(channel="phone")),
        (400, ComplaintResolved()),
    )
    taken = begin + 290 * MINUTE
    yield Expected(
        "front_office.escalated", "complaint/C-HARD", resolved=True, acknowledged_at=taken, acknowledged_by=EXECUTIVE
    )


def _regulated(office: SimulatedOffice, rng: Random, day: int) -> Happenings:
    """One that came by post two weeks ago is recorded today, a day before the regulator's deadline; nobody answers."""
    begin = office.clock(day, time(11))
    received = begin - timedelta(days=14, hours=12)
    if begin + 14 * HOUR >= office.end:
        return
    yield from _says("C-POST", begin, (0, _received(office, rng, received, channel="letter", regulated=True)))
    answered = begin + 24 * HOUR
    yield Expected("front_office.regulator_deadline", "complaint/C-POST", {"stage": "answer"}, answered < office.end)
    for rule in ("front_office.first_response", "front_office.resolution"):
        yield Expected(rule, "complaint/C-POST", resolved=answered < office.end, escalates=True)
    yield from _says("C-POST", answered, (0, ComplaintAnswered(by="R-1", final=True)), (20, ComplaintResolved()))
