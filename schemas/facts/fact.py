"""What every fact is."""

from schemas.envelope import Event

EVIDENCE = {"topic": "events.it", "partition": 2, "offset": 40917, "id": "mon-8812"}
"""An example of where a record stands."""


class Fact(Event, topic="facts"):
    """Anything published for rules over several keys. Subject: what it is to meet others at."""
