"""Whether something listens, told from something that hangs up; and no endless wait for nobody."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from kafka.errors import KafkaError

from infra.admin import admin, listens


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def address(server: socket.socket) -> str:
    return f"127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_waits_for_its_client_to_speak_listens(server: socket.socket) -> None:
    assert listens(address(server))
    assert listens(address(server), stays=0.05)
    assert listens(f"127.0.0.1:1, {address(server)}")


def test_a_server_that_hangs_up_at_once_does_not(server: socket.socket) -> None:
    with ThreadPoolExecutor(1) as proxy:
        hung_up = proxy.submit(lambda: server.accept()[0].close())
        assert not listens(address(server), stays=5)
        hung_up.result()


@pytest.mark.parametrize("nowhere", ["127.0.0.1:1", "[::1]:1", "127.0.0.1:port", "", "no-such-host.invalid:9092"])
def test_nobody_listens_at_a_closed_port_or_a_mistyped_address(nowhere: str) -> None:
    assert not listens(nowhere)
    with pytest.raises(KafkaError, match="nothing accepts connections"), admin(nowhere, timeout=0):
        pass
