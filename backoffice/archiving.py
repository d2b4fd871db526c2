"""The archive as the program has it: where it is, who may write it, and what its topics are."""

import os
from collections.abc import Mapping
from pathlib import Path

from kafka.errors import NoError, for_code

from backoffice.config import Configuration
from consumers.archive.archiver import ArchiverSettings
from consumers.archive.databases.base import NotOpened
from consumers.archive.reading import Archive
from consumers.archive.source import Described
from consumers.notify.secrets import SecretMissing, Secrets
from infra.admin import admin
from infra.broker import user_data
from schemas.topics import Space


def url(found: Configuration, space: Space, environ: Mapping[str, str]) -> str:
    """The address of a space's archive: the configuration's, else SQLite in the data folder. Raises NotOpened.

    The configuration's is that of the space it names; any other, such as a demo's, has a file of its own.
    """
    settings = found.archive
    try:
        given = Secrets(environ, found.folder).either(settings.url, settings.url_file)
    except SecretMissing as error:
        raise NotOpened(f"archive: {error}") from error
    if given is not None and space.name == found.space:
        return given
    return f"sqlite:///{file(space)}"


def file(space: Space) -> Path:
    """Where a space's archive is unless something else is said."""
    return (user_data() / "archive" / f"{space.name}.db").absolute()


def reading(found: Configuration, space: Space, environ: Mapping[str, str] = os.environ) -> Archive:
    """The archive of a space, for reading. Raises NotOpened, and Away when its database does not answer."""
    address = url(found, space, environ)
    if address == f"sqlite:///{file(space)}" and not file(space).exists():
        raise NotOpened(f"there is no archive of {space.name} yet: start `backoffice archive run`, or `backoffice run`")
    return Archive.open(address, space.name)


def settings(bootstrap: str, space: Space, found: Configuration) -> ArchiverSettings:
    """What the writer needs."""
    return ArchiverSettings(
        bootstrap_servers=bootstrap,
        space=space,
        describe=lambda: described(bootstrap),
        retention=None if space.replay else found.archive.retention_days,
        batch_records=found.archive.batch_records,
    )


def described(bootstrap: str) -> dict[str, Described]:
    """The topics of a cluster. Raises kafka.errors.KafkaError."""
    with admin(bootstrap) as cluster:
        return {
            topic["name"]: Described(
                None if topic.get("topic_id") is None else str(topic["topic_id"]),
                tuple(partition["partition_index"] for partition in topic["partitions"]),
            )
            for topic in cluster.describe_topics()
            if for_code(topic["error_code"]) is NoError
        }
