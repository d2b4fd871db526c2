"""Duties across departments: one person must not do two incompatible duties for a vendor, wherever they were told.

What accounting's own books show, `accounting.segregation_of_duties` finds by itself: a pair of duties that accounting
tells both of is left to it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from processors.correlation.tallies import ORDER, counted
from processors.correlation.vendor import Act, Tally, Vendor, entry
from processors.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import DutyDone, FindingReviewed, PurchaseDuty

DUTIES = Rule(
    "accounting.duties_across_departments",
    "critical",
    "one person did two incompatible duties of different departments for a vendor: in one purchase, or created the"
    " vendor and did another in any purchase",
    "reviewed, or it was somebody else",
    distinguish=("purchase", "person"),
    settings=("incompatible_purchase_duties", "purchase_system_users"),
)
RULES = (DUTIES,)

ACCOUNTING = "events.accounting"

WHOLE_VENDOR = "*"
"""The label `purchase` of an alert that rests on who created the vendor."""

Tellers = Mapping[PurchaseDuty, frozenset[bool]]
"""Which duties were done, and whether accounting tells of it, others do, or both."""


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case DutyDone() if event.person not in now.state.settings.purchase_system_users:
            return _creation(now, event, at) if event.duty == "create_vendor" else _act(now, event, at)
        case FindingReviewed(rule=DUTIES.name):
            now = review(now, event, at, DUTIES)
            person, purchase = event.identity.get("person"), event.identity.get("purchase")
            if person is None or purchase is None:
                return now
            if purchase == WHOLE_VENDOR:
                return _judge_creator(now, event, person, at)
            return _judge_purchase(now, event, purchase, person, at)
    return now


def _creation(now: Step[Vendor], event: DutyDone, at: datetime) -> Step[Vendor]:
    acts, change = _told(now.state.creations.get(event.person, ()), event)
    if change is None:
        return now
    now = now.evolve(creations=now.state.creations.put(event.person, acts))
    return _judge_creator(now, event, event.person, at)


def _act(now: Step[Vendor], event: DutyDone, at: datetime) -> Step[Vendor]:
    where = entry(event.reference, event.person)
    acts, change = _told(now.state.acts.get(where, ()), event)
    if change is None:
        return now
    now = now.evolve(acts=now.state.acts.put(where, acts))
    if change:
        told = next(act for act in acts if (act.duty, act.by_accounting) == (event.duty, _by_accounting(event)))
        now = Step(counted(now.state, event.reference, event.person, told), now.emit)
    now = _judge_purchase(now, event, event.reference, event.person, at)
    return _judge_creator(now, event, event.person, at)


def _by_accounting(event: DutyDone) -> bool:
    return event.record is not None and event.record.topic == ACCOUNTING


def _told(acts: tuple[Act, ...], event: DutyDone) -> tuple[tuple[Act, ...], int | None]:
    """The acts with this one, and how many more of them hold; None when something later was told already."""
    known = next((a for a in acts if (a.duty, a.by_accounting) == (event.duty, _by_accounting(event))), None)
    if known is not None and known.revision >= event.revision:
        return acts, None
    place = known.place if known else 0
    act = Act(event.duty, _by_accounting(event), event.holds, event.revision, event.record, place)
    others = (a for a in acts if a is not known)
    now = sorted((*others, act), key=lambda a: (ORDER.index(a.duty), a.by_accounting))
    return tuple(now), act.holds - bool(known and known.holds)


def _judge_purchase(now: Step[Vendor], event: Event, purchase: str, person: str, at: datetime) -> Step[Vendor]:
    acts = [act for act in now.state.acts.get(entry(purchase, person), ()) if act.holds]
    tellers = _tellers((act.duty, act.by_accounting) for act in acts)
    clash = _clash(now.state, tellers)
    what = f"{person} did {_in_words(clash)} in purchase {purchase} of {now.state.id}"
    records = _one_of_each(clash, acts)
    return _say(now, event, at, clash, what, records, purchase=purchase, person=person)


def _judge_creator(now: Step[Vendor], event: Event, person: str, at: datetime) -> Step[Vendor]:
    """Of a pair that the creation of the vendor belongs to, the other duty may have been done in any purchase."""
    vendor = now.state
    created = [act for act in vendor.creations.get(person, ()) if act.holds]
    done: list[Act | Tally] = [tally for tally in vendor.tallies.get(person, ()) if tally.times > 0]
    tellers = _tellers((each.duty, each.by_accounting) for each in [*created, *done])
    clash = _clash(vendor, tellers, with_duty="create_vendor")
    what = f"{person} created vendor {vendor.id} and did {_in_words(clash - {'create_vendor'})} for it"
    records = _one_of_each(clash, [*created, *done])
    return _say(now, event, at, clash, what, records, purchase=WHOLE_VENDOR, person=person)


def _tellers(done: Iterable[tuple[PurchaseDuty, bool]]) -> Tellers:
    tellers: dict[PurchaseDuty, frozenset[bool]] = {}
    for duty, by_accounting in done:
        tellers[duty] = tellers.get(duty, frozenset()) | {by_accounting}
    return tellers


def _clash(vendor: Vendor, tellers: Tellers, with_duty: PurchaseDuty | None = None) -> frozenset[str]:
    """The duties that belong to an incompatible pair which accounting cannot find alone."""
    found: set[str] = set()
    for pair in vendor.settings.incompatible_purchase_duties:
        both = all(duty in tellers for duty in pair)
        if both and with_duty in (None, *pair) and not all(True in tellers[duty] for duty in pair):
            found.update(pair)
    return frozenset(found)


def _one_of_each(clash: frozenset[str], done: Iterable[Act | Tally]) -> list[Evidence]:
    """For each duty that clashes, one record; rather of another department than accounting, which cannot find it."""
    by_duty = {each.duty: each.record for each in sorted(done, key=lambda each: not each.by_accounting)}
    return [record for duty, record in by_duty.items() if duty in clash and record is not None]


def _in_words(duties: Iterable[str]) -> str:
    return " and ".join(duty.replace("_", " ") for duty in ORDER if duty in duties)


def _say(
    now: Step[Vendor],
    event: Event,
    at: datetime,
    clash: frozenset[str],
    what: str,
    records: list[Evidence],
    **labels: str,
) -> Step[Vendor]:
    if not clash:
        return now.resolves(DUTIES, at, "it was somebody else", by=[event], **labels)
    if is_reviewed(now.state, DUTIES, **labels):
        return now
    return now.fires(DUTIES, at, what, because=records, labels=labels)
