"""What is looked at: the configuration, this machine, the broker and the space, each found out once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from backoffice.config import Configuration, ConfigurationError
from infra.admin import admin
from infra.broker.home import BrokerHome, user_data
from infra.broker.lifecycle import SERVERS
from infra.broker.readiness import problem
from infra.broker.state import recall
from infra.topics.cluster import configs, existing
from schemas.topics import Space

SECONDS = 5.0
"""How long a broker, a mail server or a hook may take to answer."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Patient:
    """One installation. Nothing is started in order to be looked at."""

    read: Callable[[], Configuration]
    """Reads and checks the configuration. Raises ConfigurationError."""
    space_name: str | None = None
    """The space, where it is not to be the configuration's."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    home: BrokerHome = field(default_factory=BrokerHome)
    data: Path = field(default_factory=user_data)
    """The program's own folder."""
    who: str = "doctor"
    """Who looks, as the audit says it."""
    now: Callable[[], datetime] = _now

    @cached_property
    def _configured(self) -> Configuration | ConfigurationError:
        try:
            return self.read()
        except ConfigurationError as error:
            return error

    @property
    def configuration(self) -> Configuration:
        """As configured; as built in where that cannot be read, so that all else can still be looked at."""
        found = self._configured
        return Configuration() if isinstance(found, ConfigurationError) else found

    @property
    def misconfigured(self) -> ConfigurationError | None:
        found = self._configured
        return found if isinstance(found, ConfigurationError) else None

    @property
    def elsewhere(self) -> str | None:
        """The broker that the environment or the configuration names; None where ours is meant."""
        return self.environ.get(SERVERS) or self.configuration.broker.bootstrap_servers

    @cached_property
    def bootstrap(self) -> str | None:
        """Where a broker should be; None where none is named and ours was not started."""
        if self.elsewhere:
            return self.elsewhere
        ours = recall(self.home)
        return ours.bootstrap_servers if ours else None

    @cached_property
    def silent(self) -> str | None:
        """Why no broker answers; None: one does."""
        if self.bootstrap is None:
            return "none is named, and none was started here"
        return problem(self.bootstrap, timeout=SECONDS)

    @property
    def answering(self) -> str:
        """The broker that answers. Only for checks that need one."""
        assert self.bootstrap is not None
        return self.bootstrap

    @cached_property
    def space(self) -> Space:
        """The space as its topics are; live where there are none yet. Raises KafkaError, TopicsError."""
        name = self.space_name or self.configuration.space
        inbox = Space(name).topic("alerting")
        with admin(self.answering, timeout=SECONDS) as cluster:
            if inbox not in existing(cluster, [inbox]):
                return Space(name)
            return Space(name, replay=configs(cluster, [inbox])[inbox]["message.timestamp.type"] == "CreateTime")
