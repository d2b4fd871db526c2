"""Settings of a live space, put on record: from there on, rules read them."""

import time
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from kafka import KafkaProducer

from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import SettingsChanged
from schemas.topics import Space

SOURCE = "/backoffice/settings"


class SettingsTeller(AbstractContextManager["SettingsTeller"]):
    """Writes settings into every partition of an inbox, which only control records are sent to."""

    def __init__(self, bootstrap_servers: str, space: Space) -> None:
        self._space = space
        self._producer = KafkaProducer(bootstrap_servers=bootstrap_servers.split(","), allow_auto_create_topics=False)

    def tell(self, processor: str, inbox: str, settings: Mapping[str, Any]) -> None:
        """Returns when every partition has it. Raises kafka.errors.KafkaError."""
        topic = self._space.topic(inbox)
        now = datetime.now(UTC)
        event = SettingsChanged(processor=processor, settings=dict(settings))
        sent = [
            self._producer.send(
                topic,
                value=encode(event, About(str(uuid.uuid4()), SOURCE, f"partition/{partition}", now)),
                headers=list(HEADERS),
                partition=partition,
                timestamp_ms=time.time_ns() // 1_000_000,
            )
            for partition in self._producer.partitions_for(topic)
        ]
        for each in sent:
            each.get(timeout=30)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.close(timeout=10)
