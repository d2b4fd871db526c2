"""Which spaces there are, by the topics of a cluster."""

from backoffice import spaces
from backoffice.registry import inboxes
from schemas.topics import Space, names, topics


def test_the_spaces_are_those_that_were_made_and_no_others() -> None:
    made = [Space(), Space("import-it-incidents", replay=True)]
    there = [name for space in made for name in names(topics(space, inboxes()))]
    assert spaces.names([*there, "__consumer_offsets", "somebody.elses.topic"]) == ["backoffice", "import-it-incidents"]
