"""A real broker for the tests: started once per session in a folder of its own, stopped at the end.

BACKOFFICE_TEST_BOOTSTRAP_SERVERS names one that runs already, which saves a developer the start.
"""

import os
import warnings
from collections.abc import Iterator

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own import, on Python 3.11 to 3.12
    import kafka  # noqa: F401

from infra.broker import Broker, BrokerHome, ensure, stop


@pytest.fixture(scope="session")
def broker_home(tmp_path_factory: pytest.TempPathFactory) -> BrokerHome:
    """The home of the session's broker: `ensure(home=broker_home)` starts it again after a crash."""
    return BrokerHome(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="session")
def broker(broker_home: BrokerHome) -> Iterator[Broker]:
    """No broker is a failure, never a skip: a suite without its broker has tested nothing."""
    if servers := os.environ.get("BACKOFFICE_TEST_BOOTSTRAP_SERVERS"):
        yield Broker(servers, "external", started_here=False)
        return
    try:
        yield ensure(home=broker_home, legs=("embedded", "container"))
    finally:
        stop(home=broker_home, erase=True)


@pytest.fixture(scope="session")
def bootstrap(broker: Broker) -> str:
    return broker.bootstrap_servers
