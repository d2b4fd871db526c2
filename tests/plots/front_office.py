"""Plots of the Front Office."""

from schemas.front_office import (
    ClientInformed,
    ComplaintAnswered,
    ComplaintCustomerReplied,
    ComplaintReceived,
    ComplaintResolved,
    ComplaintSent,
    RepresentativeGaveUp,
)
from tests.plots.telling import DAY, Plot, at, day, plot

COMPLAINT = "complaint/C-1"
RECEIVED = ComplaintReceived(customer="CU-1", product="loan", company="bank", regulated=True, received_at=at(5, 8))
ANSWERED = ComplaintAnswered(by="E-207", final=True)
GAVE_UP = RepresentativeGaveUp(representative="E-207")

PLOTS: dict[str, Plot] = {
    "front_office.first_response": plot(COMPLAINT, RECEIVED, 2 * DAY, ANSWERED),
    "front_office.next_response": plot(COMPLAINT, RECEIVED, ANSWERED, ComplaintCustomerReplied(), 4 * DAY, ANSWERED),
    "front_office.resolution": plot(COMPLAINT, RECEIVED, 8 * DAY, ComplaintResolved()),
    "front_office.escalated": plot(COMPLAINT, RECEIVED, GAVE_UP, ComplaintResolved()),
    "front_office.client_uninformed": plot(COMPLAINT, RECEIVED, GAVE_UP, 4 * DAY, ClientInformed(channel="mail")),
    "front_office.regulator_deadline": plot(COMPLAINT, RECEIVED, 16 * DAY, ANSWERED),
    "front_office.forwarded_late": plot(COMPLAINT, RECEIVED, 8 * DAY, ComplaintSent(sent_on=day(13)), forward_days=5),
}
