"""The impact ledger: what an outage cost, in complaints, orders, invoices and overruns, in money and hours."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from processors.correlation.service import Impact, Ledger, Outage, Service
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.facts import ImpactReported

IMPACT = Rule(
    "correlation.impact",
    "info",
    "an outage does damage elsewhere: its complaints, delayed orders, late invoices and overruns, with money and "
    "hours; said again when their number has doubled",
    "the outage is over, or nothing is booked on it any more; the ledger goes on",
    distinguish=("outage",),
    measure="the outage's ledger: everything that is booked on it",
    settings=("outage_grace_minutes",),
)
RULES = (IMPACT,)

EMPTY = Ledger()

WORDS = {"complaint": "complaints", "order": "delayed orders", "invoice": "late invoices", "overrun": "overruns"}


def reported(step: Step[Service], event: ImpactReported, at: datetime) -> Step[Service]:
    """Something went wrong: it is booked on the outages it overlaps, and what was booked of it before is taken off."""
    service = step.state
    entry = json.dumps([event.what, event.reference], ensure_ascii=False)
    known = service.impacts.get(entry)
    if known is not None and known.revision >= event.revision:
        return step
    impact = Impact(
        event.what,
        event.since,
        event.until,
        event.money,
        event.hours,
        event.holds,
        event.revision,
        event.record,
        known.outages if known else (),
    )
    now = _outages(service, impact, known)
    touched = {*now, *impact.outages}
    for name in sorted(impact.outages):
        step = _booked(step, name, known or impact, -1, at)
    for name in now:
        step = _booked(step, name, impact, 1, at)
    step = _put(step, entry, replace(impact, outages=now), at)
    return _told(step, touched, event, at)


def outage_told(step: Step[Service], name: str, outage: Outage, event: Event, at: datetime) -> Step[Service]:
    """The outage's interval is known, or known better: each impact in memory is looked at again."""
    for entry in step.state.recent_impacts:
        impact = step.state.impacts[entry]
        belongs = impact.holds and _overlaps(step.state, outage, impact)
        if belongs == (name in impact.outages):
            continue
        step = _booked(step, name, impact, 1 if belongs else -1, at)
        outages = {*impact.outages, name} if belongs else {*impact.outages} - {name}
        step = _put(step, entry, replace(impact, outages=tuple(sorted(outages))), at)
    if name in step.state.ledgers:
        step = _keep(step, name, step.state.ledgers[name], at)
    return _told(step, [name], event, at)


def in_words(ledger: Ledger) -> str:
    """`3 complaints, 1 late invoices, 1,250.00 EUR, 12.5 h`."""
    counts = [f"{ledger.counts[what]} {words}" for what, words in WORDS.items() if ledger.counts.get(what)]
    money = [f"{amount:,.2f} {currency}" for currency, amount in sorted(ledger.money.items()) if amount]
    hours = [f"{ledger.hours:,.2f} h"] if ledger.hours else []
    return ", ".join([*counts, *money, *hours])


def _outages(service: Service, impact: Impact, known: Impact | None) -> tuple[str, ...]:
    """The outages it is booked on. One that is forgotten meanwhile keeps what it had, unless the time has changed."""
    if not impact.holds:
        return ()
    found = {name for name, outage in service.outages.items() if _overlaps(service, outage, impact)}
    if known is not None and (known.since, known.until) == (impact.since, impact.until):
        found |= {name for name in known.outages if name not in service.outages}
    return tuple(sorted(found))


def _overlaps(service: Service, outage: Outage, impact: Impact) -> bool:
    grace = service.grace if impact.what == "complaint" else timedelta()
    return outage.overlaps(impact.since, impact.until, grace)


def _booked(step: Step[Service], name: str, impact: Impact, sign: int, at: datetime) -> Step[Service]:
    ledger = step.state.ledgers.get(name, EMPTY)
    counts = {**ledger.counts, impact.what: ledger.counts.get(impact.what, 0) + sign}
    money = dict(ledger.money)
    if impact.money is not None:
        currency = impact.money.currency
        money[currency] = money.get(currency, Decimal(0)) + sign * impact.money.amount
    now = replace(ledger, counts=counts, money=money, hours=ledger.hours + sign * impact.hours)
    return _keep(step, name, now, at)


def _keep(step: Step[Service], name: str, ledger: Ledger, at: datetime) -> Step[Service]:
    """As long as the outage lasts, and then as long as the settings say."""
    service = step.state
    outage = service.outages.get(name)
    open_ended = outage is not None and outage.until is None
    forget = None if open_ended else after(at, timedelta(days=service.settings.ledger_memory_days))
    return step.evolve(ledgers=service.ledgers.put(name, ledger, forget))


def _put(step: Step[Service], entry: str, impact: Impact, at: datetime) -> Step[Service]:
    service, ended = step.state, max(impact.until, at)
    recently = after(ended, service.grace + service.memory)
    booked = after(ended, timedelta(days=service.settings.ledger_memory_days))
    return step.evolve(
        impacts=service.impacts.put(entry, impact, max(recently, booked) if impact.outages else recently),
        recent_impacts=service.recent_impacts.put(entry, True, recently),
    )


def _told(step: Step[Service], names: Iterable[str], event: Event, at: datetime) -> Step[Service]:
    for name in sorted(names):
        step = _told_of(step, name, event, at)
    return step


def _told_of(step: Step[Service], name: str, event: Event, at: datetime) -> Step[Service]:
    """One alert while the outage lasts; not a word for each complaint, but one whenever they have doubled."""
    service = step.state
    ledger, outage = service.ledgers.get(name, EMPTY), service.outages.get(name)
    if outage is None or outage.until is not None or not ledger.total:
        because = f"the outage is over: {in_words(ledger)}" if ledger.total else "nothing is booked on it any more"
        return step.resolves(IMPACT, at, because, by=[event], outage=name)
    told = None if outage.told_again else outage.record
    digits = ledger.total.bit_length()
    if digits == ledger.said and is_firing(service, IMPACT, outage=name):
        return step
    step = _keep(step, name, replace(ledger, said=digits), at)
    return step.fires(
        IMPACT,
        at,
        f"Outage {name} of {service.id} so far: {in_words(ledger)}",
        because=[record for record in (told, event.about.record) if record],
        labels={"outage": name},
        measured=in_words(ledger),
    )
