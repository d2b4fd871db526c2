"""What people decided about dead letters, on record: so that each is sent again, or laid aside, once."""

from pydantic import Field

from schemas.envelope import Event

HANDLED = "dead-letters-handled"
"""The topic, without its space, where these decisions stand."""


class LetterDecision(Event, kind="letter", topic=HANDLED):
    """Somebody dealt with a dead letter. Subject: `letter/<its offset among the dead letters>`."""

    by: str = Field(min_length=1, max_length=200, examples=["dana"])
    """Who did, by their login."""
    note: str = Field(default="", max_length=2000, examples=["the amount was written with a comma"])
    """Why, in their words."""


class LetterRedriven(LetterDecision, type="dead_letters.letter.redriven"):
    """The record was written to its inbox again, in the same transaction as this."""

    to: str = Field(min_length=1, examples=["events.accounting"])
    """The inbox, without its space."""
    tries: int = Field(ge=1, examples=[1])
    """How often the record has been sent again by now, this time included."""
    edited: bool = False
    """Whether a corrected copy was sent instead of the record itself."""


class LetterDiscarded(LetterDecision, type="dead_letters.letter.discarded"):
    """The record is not wanted any more. It stays among the dead letters, but nobody is asked about it."""

    note: str = Field(min_length=1, max_length=2000, examples=["a test of the vendor's"])
    """Why; without a reason nothing is discarded."""


DECISIONS: tuple[type[LetterDecision], ...] = (LetterRedriven, LetterDiscarded)
