"""IT: networks, upgrades, telecom and computers; incidents, changes and accounts."""

from processors.departments.it import account, change, device, freeze, incident_rules, service_step
from processors.departments.it.account import Account
from processors.departments.it.change import Change
from processors.departments.it.device import Device
from processors.departments.it.freeze import Freeze
from processors.departments.it.incident import Incident
from processors.departments.it.measures import MEASURES
from processors.departments.it.service import Service
from processors.departments.it.settings import ITSettings
from processors.processor import Aggregate, Processor
from schemas.it import EVENTS, HeartbeatReceived, IncidentOpened, IncidentUpdated

department = Processor(
    name="it",
    inbox="events.it",
    events=EVENTS,
    aggregates={
        "service": Aggregate(Service, service_step.step),
        "device": Aggregate(Device, device.step),
        "incident": Aggregate(Incident, incident_rules.step),
        "change": Aggregate(Change, change.step),
        "freeze": Aggregate(Freeze, freeze.step),
        "account": Aggregate(Account, account.step),
    },
    settings=ITSettings,
    rules=(*service_step.RULES, *device.RULES, *incident_rules.RULES, *change.RULES, *account.RULES),
    measures=MEASURES,
    streams=(
        HeartbeatReceived,
        IncidentOpened,
        IncidentUpdated,
    ),
)
