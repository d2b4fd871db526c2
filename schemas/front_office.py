"""What happens in the front office: complaints of clients, and what representatives did about them."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Day, Event, Id, Instant, concrete_events
from schemas.privacy import PersonId
from schemas.reviews import Outcome, Review

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
"""Words of another system, on one line: they become labels and, some of them, part of a Kafka key."""


class FrontOfficeEvent(Event, topic="events.front_office"):
    """Anything that happens in the front office."""


class ComplaintReceived(FrontOfficeEvent, type="front_office.complaint.received", kind="complaint"):
    """A client is unhappy. The SLA clocks start at `received_at`."""

    customer: PersonId | None = Field(default=None, examples=["CU-881"])
    """The client's id; not known when not given, as where somebody else passed the complaint on."""
    received_at: Instant = Field(examples=["2026-03-02T09:30:00Z"])
    """When the complaint reached the organisation."""
    channel: Literal["phone", "mail", "letter", "web", "visit", "fax", "referral", "other"] = Field(
        default="other", examples=["phone"]
    )
    """How it came."""
    product: Text | None = Field(default=None, examples=["Home internet"])
    """The product it is about."""
    company: Text | None = Field(default=None, examples=["Acme Bank"])
    """The company it is about, where the front office takes complaints about several."""
    fingerprint: str | None = Field(default=None, min_length=1, max_length=200, examples=["9f2c4b"])
    """A hash of what it says: two complaints with the same one are probably one, sent twice."""
    service: Id | None = Field(default=None, examples=["vpn"])
    """The IT service it names, as IT calls it."""
    regulated: bool = False
    """True: a regulator's deadlines apply."""


class ComplaintAssigned(FrontOfficeEvent, type="front_office.complaint.assigned", kind="complaint"):
    """A representative takes care of a complaint."""

    representative: PersonId = Field(examples=["E-207"])
    """Who does."""
    service: Id | None = None
    """The IT service it turns out to name; None: as before."""


class ComplaintSent(FrontOfficeEvent, type="front_office.complaint.sent", kind="complaint"):
    """A complaint was passed on to the company it is about, which is to answer it."""

    sent_on: Day = Field(examples=["2026-03-04"])
    """When."""


class ComplaintAnswered(FrontOfficeEvent, type="front_office.complaint.answered", kind="complaint"):
    """The client got an answer."""

    by: PersonId = Field(examples=["E-207"])
    """Who answered."""
    final: bool = False
    """True: the organisation's final response, as regulators understand it."""
    outcome: Literal["explanation", "monetary_relief", "non_monetary_relief", "closed", "untimely"] | None = Field(
        default=None, examples=["monetary_relief"]
    )
    """What the client got; `untimely`: nothing in time."""
    timely: bool | None = Field(default=None, examples=[True])
    """Whether it came in time, as the system judges that tells of it; None: it does not say."""


class ComplaintAccepted(FrontOfficeEvent, type="front_office.complaint.accepted", kind="complaint"):
    """The client lets the answer stand."""


class ComplaintAwaitingCustomer(FrontOfficeEvent, type="front_office.complaint.awaiting_customer", kind="complaint"):
    """The client is asked for something: the SLA clocks pause."""


class ComplaintCustomerReplied(FrontOfficeEvent, type="front_office.complaint.customer_replied", kind="complaint"):
    """The client wrote or called again: the clocks run, and the next response is due."""


class ComplaintDisputed(FrontOfficeEvent, type="front_office.complaint.disputed", kind="complaint"):
    """The client does not accept the answer."""


class ComplaintResolved(FrontOfficeEvent, type="front_office.complaint.resolved", kind="complaint"):
    """The complaint is settled."""


class ComplaintReopened(FrontOfficeEvent, type="front_office.complaint.reopened", kind="complaint"):
    """It was not settled after all."""


class ComplaintWithdrawn(FrontOfficeEvent, type="front_office.complaint.withdrawn", kind="complaint"):
    """The client takes the complaint back."""


class ClientInformed(FrontOfficeEvent, type="front_office.client.informed", kind="complaint"):
    """The client was told how it goes on."""

    channel: Literal["phone", "mail", "letter", "web", "visit", "other"] = Field(default="other", examples=["mail"])
    """How."""


class RepresentativeGaveUp(FrontOfficeEvent, type="front_office.representative.gave_up", kind="complaint"):
    """The representative could not solve it."""

    representative: PersonId = Field(examples=["E-207"])
    """Who tried."""


class CustomerMerged(FrontOfficeEvent, type="front_office.customer.merged", kind="customer"):
    """Two ids are one client: what is known under this one belongs to another from now on. The latest counts."""

    into: PersonId = Field(examples=["CU-17"])
    """The id that stays."""


class FindingReviewed(Review, FrontOfficeEvent, type="front_office.finding.reviewed"):
    """Somebody looked at an alert of the front office and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["front_office.client_uninformed"], pattern=r"^front_office\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={})
    """The alert's distinguishing labels."""
    by: PersonId = Field(examples=["E-104"])
    """Who decided."""
    outcome: Outcome = Field(examples=["waived"])
    """What was decided; `confirmed`: the finding is right and stays."""
    until: Instant | None = None
    """How long the decision holds. None: for good."""


EVENTS = tuple(concrete_events(FrontOfficeEvent))
"""Every event type of the front office."""
