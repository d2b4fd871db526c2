"""kafka-python producers as this program uses them, and its errors in words for people."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaProducer
from kafka import errors as kafka_errors
from kafka.net.compat import KafkaNetClient

from producers.delivery import Outgoing
from producers.errors import BrokerAway, NotSent, Refused, Unconfirmed
from schemas.topics import DEAD_LETTER_MAX_BYTES


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to connect and how long to wait, in seconds. `options` are kafka-python's (`security_protocol`, ...)."""

    bootstrap_servers: str
    client_id: str = "backoffice-producer"
    connect_timeout: float = 5.0
    delivery_timeout: float = 60.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def idempotent(self) -> Any:
        """A producer that writes each record once and in order, in batches. Raises BrokerAway."""
        return self._open(enable_idempotence=True, linger_ms=5, batch_size=64 * 1024)

    def one_by_one(self) -> Any:
        """A producer that puts each record into a batch of its own, so that a refused one is refused alone.

        It is not idempotent, because kafka-python's idempotent one dies of a refusal; in order it is.
        """
        return self._open(enable_idempotence=False, max_in_flight_requests_per_connection=1, batch_size=0)

    def transactional(self, name: str) -> Any:
        """A producer whose records are written in transactions under a name. Raises BrokerAway."""
        return self._open(transactional_id=name, linger_ms=5, batch_size=64 * 1024)

    def _open(self, **settings: Any) -> Any:
        if not self.answers():  # kafka-python would go on trying, and leave a socket behind for each try
            raise self.away()
        opened: list[Any] = []

        def network(**config: Any) -> Any:
            opened.append(KafkaNetClient(**config))
            return opened[-1]

        delivery_ms = int(self.delivery_timeout * 1000)
        try:
            return KafkaProducer(
                bootstrap_servers=self.bootstrap_servers.split(","),
                client_id=self.client_id,
                acks="all",
                compression_type="lz4",
                delivery_timeout_ms=delivery_ms,
                request_timeout_ms=min(30_000, delivery_ms // 2),
                bootstrap_timeout_ms=int(self.connect_timeout * 1000),
                max_block_ms=int(self.connect_timeout * 1000),
                max_request_size=2 * DEAD_LETTER_MAX_BYTES,
                allow_auto_create_topics=False,
                reconnect_backoff_max_ms=1_000,
                retry_backoff_ms=20,
                metrics_enabled=False,
                kafka_client=network,
                **settings,
                **self.options,
            )
        except kafka_errors.KafkaError as error:
            for client in opened:  # kafka-python leaves its thread behind when it cannot connect
                client.close()
            raise self.away(error) from error

    def away(self, error: Exception | None = None) -> BrokerAway:
        why = f" ({type(error).__name__}: {error})" if error else ""
        return BrokerAway(
            f"no Kafka broker answered at {self.bootstrap_servers} within {self.connect_timeout:g} s{why}. "
            "Start one with `backoffice broker start`, or set BACKOFFICE_BOOTSTRAP_SERVERS to one that runs."
        )

    def answers(self) -> bool:
        """Whether anything accepts connections at one of the addresses, tried again until `connect_timeout`."""
        until = time.monotonic() + self.connect_timeout
        while not any(_accepts(server.strip(), until) for server in self.bootstrap_servers.split(",")):
            if time.monotonic() >= until:
                return False
            time.sleep(0.1)
        return True

    def no_such_topic(self, topic: str, error: Exception) -> NotSent:
        """What it means that a topic's partitions could not be learnt."""
        if isinstance(error, kafka_errors.AuthorizationError):
            return Refused(f"topic {topic}: this client may not write there. Ask for the WRITE permission on it.")
        if not self.answers():
            return self.away(error)
        return Refused(
            f"topic {topic}: there is no such topic at {self.bootstrap_servers}. "
            "Check the space's name, or create its topics with `backoffice topics apply`."
        )


def _accepts(server: str, until: float) -> bool:
    host, _, port = server.rpartition(":") if ":" in server else (server, "", "9092")
    try:
        socket.create_connection((host.strip("[]"), int(port)), max(0.1, until - time.monotonic())).close()
    except (OSError, ValueError):
        return False
    return True


def close(producer: Any, timeout: float) -> None:
    """Disconnects. What is not confirmed within `timeout` seconds is cut off and reported as failed."""
    try:
        producer.close(timeout=timeout)
    except kafka_errors.KafkaTimeoutError:  # kafka-python has then left its thread running
        producer._sender.force_close()
        producer._sender.join(5)
        producer.close(timeout=1)


class Stopped(Exception):
    """What a record fails with that a stopped producer did not send, or did not hear of."""


def stop(producer: Any) -> None:
    """Makes an idempotent producer send nothing more and fail what it has. From any thread, at once.

    kafka-python does so only after a refusal. After what it calls out of sequence, and after giving up a batch, it goes
    on with the next ones: what failed could then only be repeated behind them.
    """
    producer._transaction_manager.transition_to_fatal_error(Stopped("another record failed"))


def given_up(record: Outgoing, error: Exception) -> Unconfirmed:
    why = f" ({type(error).__name__}: {error})" if str(error) else ""
    return Unconfirmed(
        f"{record}: not confirmed in time{why}. It may or may not be on the log; send it again with the same id."
    )


def refusal(record: Outgoing, error: Exception) -> Refused:
    """What the broker said of a record that came alone, in words."""
    match error:
        case kafka_errors.MessageSizeTooLargeError() | kafka_errors.RecordListTooLargeError():
            why = f"too large for the topic ({record.size:,} bytes): send less, or a reference to it"
        case kafka_errors.InvalidTimestampError():
            why = "its time is further ahead or behind than the topic takes: check the sender's clock"
        case kafka_errors.AuthorizationError():
            why = "this client may not write to the topic: ask for the WRITE permission on it"
        case _:
            why = f"{type(error).__name__}: {error}"
    return Refused(f"{record} was refused by the broker: {why}")


def late(error: Exception) -> bool:
    """Whether a failed record was given up for time, rather than refused or dragged along by another's failure."""
    return isinstance(error, kafka_errors.RetriableError)


def may_have_arrived(error: Exception) -> bool:
    """Whether a record that was sent alone was given up for time or cut off, rather than refused."""
    return late(error) or isinstance(error, kafka_errors.IllegalStateError)
