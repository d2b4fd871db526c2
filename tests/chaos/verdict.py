"""The verdict after a failure: the oracle's, and that nothing confirmed to a sender is gone."""

from typing import Any

from schemas.topics import Space
from tests.chaos.load import Load
from tests.kafka import oracle


def judge(bootstrap: str, space: Space, load: Load) -> dict[str, Any]:
    """Fails unless outputs and states are the fold of the log, on a load that was worth it; returns its figures.

    The space must be at rest: `Fleet.settle`.
    """
    outputs = oracle.check(bootstrap, space)
    for topic in ("alerting", "alerts", "dead-letters"):
        assert outputs[topic], f"nothing came out to {topic}: the load was none"
    lost = load.lost()
    assert not lost, f"{len(lost)} events were confirmed and are not on the log, such as {min(lost)}"
    return {"events": load.sent, "outputs": outputs.total()}
