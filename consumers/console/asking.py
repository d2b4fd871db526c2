"""Questions to the log on somebody's behalf: what can go wrong with them is said on the page."""

from collections.abc import Callable
from typing import TypeVar

from kafka.errors import KafkaError

from consumers.console.signing_in.people import Person, Role
from consumers.console.visit import Visit
from consumers.dead_letters.box import NoSuchLetter
from consumers.log import Unreachable
from consumers.streams.topics import NoSuchRecord, TooMany

T = TypeVar("T")


async def ask(visit: Visit, do: Callable[[], T], least: Role = Role.OPERATOR) -> T | None:
    """Does it in a thread, if they may; None when it went wrong, which the page has been told then."""

    def asked(_: Person) -> T:
        try:
            return do()
        except (Unreachable, NoSuchLetter, NoSuchRecord, TooMany) as error:
            raise ValueError(str(error)) from error
        except KafkaError as error:
            raise ValueError(f"Kafka: {type(error).__name__}: {error}") from error

    return await visit.act(least, asked)
