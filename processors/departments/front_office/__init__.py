"""Front office: unhappy clients, and problems that representatives could not solve."""

from processors.departments.front_office import complaint_rules, customer
from processors.departments.front_office.complaint import Complaint
from processors.departments.front_office.customer import Customer
from processors.departments.front_office.measures import MEASURES
from processors.departments.front_office.settings import FrontOfficeSettings
from processors.processor import Aggregate, Processor
from schemas.front_office import EVENTS, ComplaintReceived

department = Processor(
    name="front_office",
    inbox="events.front_office",
    events=EVENTS,
    aggregates={
        "complaint": Aggregate(Complaint, complaint_rules.step),
        "customer": Aggregate(Customer, customer.step),
    },
    settings=FrontOfficeSettings,
    rules=complaint_rules.RULES,
    streams=(ComplaintReceived,),
    measures=MEASURES,
)
