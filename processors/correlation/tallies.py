"""Tallies: how often a person did a duty for a vendor, with the record of an act that holds.

The acts that a tally counts have places from 1 on, without gaps: the last one takes the place of one that holds no
more. So there is always an act to name, and neither costs more the more there are.
"""

from dataclasses import replace
from typing import get_args

from processors.correlation.vendor import Act, Tally, Vendor, entry
from schemas.envelope import Evidence
from schemas.facts import PurchaseDuty

ORDER: tuple[PurchaseDuty, ...] = get_args(PurchaseDuty)


def counted(vendor: Vendor, purchase: str, person: str, act: Act) -> Vendor:
    """The vendor after this act, which was not counted before, has come to hold, or one that was holds no more."""
    known = next((t for t in vendor.tallies.get(person, ()) if _same(t, act)), Tally(act.duty, act.by_accounting, 0))
    if act.holds:
        times = known.times + 1
        vendor = _placed(vendor, purchase, person, act, times)
        return _kept(vendor, person, replace(known, times=times, record=act.record))
    last = _place(person, act, known.times)
    moved = vendor.places.get(last)
    vendor = _with_act(vendor.evolve(places=vendor.places.drop(last)), purchase, person, replace(act, place=0))
    if moved is not None and moved != purchase and act.place:
        vendor = _placed(vendor, moved, person, _act_of(vendor, moved, person, act), act.place)
    times = known.times - 1
    return _kept(vendor, person, replace(known, times=times, record=_record_at(vendor, person, act, times)))


def _same(one: Act | Tally, other: Act) -> bool:
    return (one.duty, one.by_accounting) == (other.duty, other.by_accounting)


def _place(person: str, act: Act, place: int) -> str:
    return entry(person, act.duty, "accounting" if act.by_accounting else "others", str(place))


def _placed(vendor: Vendor, purchase: str, person: str, act: Act, place: int) -> Vendor:
    vendor = vendor.evolve(places=vendor.places.put(_place(person, act, place), purchase))
    return _with_act(vendor, purchase, person, replace(act, place=place))


def _with_act(vendor: Vendor, purchase: str, person: str, act: Act) -> Vendor:
    where = entry(purchase, person)
    acts = tuple(act if _same(each, act) else each for each in vendor.acts[where])
    return vendor.evolve(acts=vendor.acts.put(where, acts))


def _act_of(vendor: Vendor, purchase: str, person: str, like: Act) -> Act:
    return next(act for act in vendor.acts[entry(purchase, person)] if _same(act, like))


def _record_at(vendor: Vendor, person: str, like: Act, place: int) -> Evidence | None:
    purchase = vendor.places.get(_place(person, like, place))
    return None if purchase is None else _act_of(vendor, purchase, person, like).record


def _kept(vendor: Vendor, person: str, tally: Tally) -> Vendor:
    others = (
        t for t in vendor.tallies.get(person, ()) if (t.duty, t.by_accounting) != (tally.duty, tally.by_accounting)
    )
    tallies = sorted((*others, tally), key=lambda t: (ORDER.index(t.duty), t.by_accounting))
    return vendor.evolve(tallies=vendor.tallies.put(person, tuple(tallies)))
