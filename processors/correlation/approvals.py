"""Approver eligibility: an invoice is approved by somebody who might do so then; else a stand-in is proposed.

Each approver is judged where all is known of them (`eligibility.py`). Their answers meet here, with those of the
delegates, and of the delegates' delegates, who are asked one after another.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.correlation.vendor import Answer, Vendor, entry
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import EligibilityAsked, EligibilityTold

INELIGIBLE = Rule(
    "accounting.approver_ineligible",
    "error",
    "nobody who approved an invoice might do so then: on leave, not yet onboarded, not employed, or required training"
    " had lapsed",
    "re-approved by one who may, rejected, or corrected",
    distinguish=("invoice",),
    settings=("calendar",),
)
RULES = (INELIGIBLE,)

LONGEST_CHAIN = 10
"""So many delegates of delegates are asked at most."""

MOST_APPROVERS = 50
"""Approvers remembered per invoice."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who could have approved instead, or whom to ask next, and how people read it."""

    words: str
    delegate: str = ""
    ask: str = ""


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    if not isinstance(event, EligibilityTold):
        return now
    vendor = now.state
    where = entry(event.invoice, event.approver, event.person)
    known = vendor.answers.get(where)
    if known is not None and (known.question, known.revision) >= (event.question, event.revision):
        return now
    answer = Answer(
        question=event.question,
        revision=event.revision,
        at=event.at,
        holds=event.holds,
        eligible=event.eligible,
        why=event.why,
        delegate=event.delegate,
        record=event.record,
        because=event.because,
    )
    forget = after(max(at, event.at), timedelta(days=vendor.settings.approval_memory_days))
    approvers = vendor.approvers.get(event.invoice, ())
    if event.person == event.approver:
        approvers = tuple(sorted({*approvers, event.approver})[:MOST_APPROVERS])
    now = now.evolve(
        answers=vendor.answers.put(where, answer, forget),
        approvers=vendor.approvers.put(event.invoice, approvers, forget),
    )
    return _judge(now, event, event.invoice, at)


def _judge(now: Step[Vendor], event: Event, invoice: str, at: datetime) -> Step[Vendor]:
    vendor = now.state
    answers = {name: vendor.answers.get(entry(invoice, name, name)) for name in vendor.approvers.get(invoice, ())}
    holding = {name: answer for name, answer in answers.items() if answer is not None and answer.holds}
    able = next((name for name, answer in holding.items() if answer.eligible), None)
    if able is not None:
        return now.resolves(INELIGIBLE, at, f"{able} approved it, who may", by=[event], invoice=invoice)
    if not holding:
        return now.resolves(INELIGIBLE, at, "no approval is left", by=[event], invoice=invoice)
    proposals = {name: _propose(vendor, invoice, name, answer) for name, answer in holding.items()}
    for name, proposal in proposals.items():
        if proposal.ask:
            now = _ask(now, invoice, name, proposal.ask, at)
    who = " and ".join(f"{name}, who {answer.why}" for name, answer in holding.items())
    proposal = next((p for p in proposals.values() if p.delegate), next(iter(proposals.values())))
    records = [r for answer in holding.values() for r in (answer.because, answer.record) if r]
    return now.fires(
        INELIGIBLE,
        at,
        f"Invoice {invoice} of {vendor.id} was approved by {who}; {proposal.words}",
        because=dict.fromkeys(records),
        labels={"invoice": invoice},
        annotations={"delegate": proposal.delegate or "nobody"},
    )


def _propose(vendor: Vendor, invoice: str, approver: str, own: Answer) -> Proposal:
    """Walks from delegate to delegate, up to the first who might approve, to one not asked yet, or in a circle."""
    chain, answer = [approver], own
    while answer.delegate is not None and len(chain) <= LONGEST_CHAIN:
        delegate = answer.delegate
        if delegate in chain:
            return Proposal(f"the delegation goes in a circle ({', '.join([*chain, delegate])})")
        found = vendor.answers.get(entry(invoice, approver, delegate))
        if found is None or found.question != own.question:
            return Proposal("a delegate is being sought", ask=delegate)
        if found.eligible:
            return Proposal(f"{delegate} could approve it", delegate=delegate)
        chain.append(delegate)
        answer = found
    return Proposal("no delegate could approve it" if len(chain) > 1 else "no delegate is known")


def _ask(now: Step[Vendor], invoice: str, approver: str, delegate: str, at: datetime) -> Step[Vendor]:
    """Asks a delegate, once for each question."""
    vendor, where = now.state, entry(invoice, approver, delegate)
    own = vendor.answers[entry(invoice, approver, approver)]
    if vendor.asked.get(where, 0) >= own.question:
        return now
    forget = after(max(at, own.at), timedelta(days=vendor.settings.approval_memory_days))
    now = now.evolve(asked=vendor.asked.put(where, own.question, forget))
    question = EligibilityAsked(
        vendor=vendor.id,
        invoice=invoice,
        approver=approver,
        at=own.at,
        revision=own.question,
        record=own.record,
    )
    return now.emits(f"person/{delegate}", question)
