"""What each way of running a broker of ours can do, and which ways there are."""

from collections.abc import Iterator
from typing import Literal, Protocol

from infra.broker.container import Container
from infra.broker.embedded import Embedded
from infra.broker.home import BrokerHome
from infra.broker.model import Broker, Report

LegName = Literal["container", "embedded"]
LEGS: tuple[LegName, ...] = ("container", "embedded")
"""In the order in which they are tried."""


class Leg(Protocol):
    def start(self, report: Report) -> Broker:
        """A broker on its way up. Raises LegUnavailable when this machine has not what it takes."""

    def is_running(self, broker: Broker) -> bool: ...

    def stop(self, broker: Broker, report: Report) -> None:
        """End it cleanly, and return when it has ended. The data stays."""

    def erase(self, broker: Broker) -> None:
        """Delete the data of a stopped broker."""

    def log_lines(self, broker: Broker, lines: int, follow: bool) -> Iterator[str]: ...


def leg(name: str, home: BrokerHome) -> Leg:
    return Container(home) if name == "container" else Embedded(home)
