"""A vendor: each rule is asked in turn."""

from datetime import datetime

from processors.correlation import approvals, duties
from processors.correlation.vendor import Vendor
from processors.step import Step
from schemas.envelope import Event

RULES = (*duties.RULES, *approvals.RULES)


def step(state: Vendor, event: Event, at: datetime) -> Step[Vendor]:
    """A fact about the vendor's purchases, or a review. Facts may come in any order."""
    return approvals.check(duties.check(Step(state), event, at), event, at)
