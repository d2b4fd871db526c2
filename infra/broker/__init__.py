"""The broker that the program works with: found, started, stopped and watched."""

from infra.broker.home import BrokerHome, user_data
from infra.broker.lifecycle import Status, ensure, logs, status, stop
from infra.broker.model import Broker, BrokerError, NoBrokerAvailable

__all__ = [
    "Broker",
    "BrokerError",
    "BrokerHome",
    "NoBrokerAvailable",
    "Status",
    "ensure",
    "logs",
    "status",
    "stop",
    "user_data",
]
