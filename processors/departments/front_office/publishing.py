"""What the front office publishes of a complaint, for rules over several complaints or departments."""

from datetime import timedelta
from decimal import Decimal

from processors.departments.front_office import complaint_facts
from processors.departments.front_office.complaint import Complaint
from processors.departments.front_office.complaint_facts import Told
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import ComplaintAboutCompany
from schemas.front_office import ComplaintDisputed, ComplaintReceived


def published(step: Step[Complaint], event: Event) -> Step[Complaint]:
    """What a complaint names, and whose it is, as far as that is news."""
    return _company(_told(step, event), event)


def _told(step: Step[Complaint], event: Event) -> Step[Complaint]:
    """What it names and whose it is; a mistake is taken back."""
    complaint = step.state
    if complaint.received_at is None:
        return step
    settled = complaint.resolved_at or complaint.withdrawn_at
    hours = _hours(complaint.settings.hours.business_time_between(complaint.received_at, settled)) if settled else NONE
    now = Told(customer=complaint.customer, product=complaint.product, service=complaint.service, hours=hours)
    if now == complaint.told:
        return step
    revision, record = complaint.publications + 1, event.about.record
    facts = complaint_facts.of(complaint.id, complaint.received_at, complaint.told, now, revision, record)
    return Step(complaint.evolve(told=now, publications=revision), (*step.emit, *facts))


NONE = Decimal(0)


def _hours(span: timedelta) -> Decimal:
    """In hours, to the hundredth."""
    return (Decimal(span // timedelta(seconds=1)) / 3600).quantize(Decimal("0.01"))


def _company(step: Step[Complaint], event: Event) -> Step[Complaint]:
    """Which company the complaint is about, and whether the client disputes its answer."""
    complaint = step.state
    if complaint.received_at is None or not isinstance(event, ComplaintReceived | ComplaintDisputed):
        return step
    before = complaint.published_company
    companies = ((before, False), (complaint.company, True)) if before != complaint.company else ((before, True),)
    for company, names in companies:
        if company is None:
            continue
        told = step.state.company_publications + 1
        step = step.evolve(company_publications=told, published_company=complaint.company)
        fact = ComplaintAboutCompany(
            complaint=complaint.id,
            received_on=complaint.settings.hours.local_date(complaint.received_at),
            names=names,
            disputed=complaint.disputed,
            fingerprint=complaint.fingerprint,
            revision=told,
            record=event.about.record,
        )
        step = step.emits(f"company/{company}", fact)
    return step
