"""`backoffice story`: what happened to an alert, from the events it rests on to the last word."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from backoffice.cli.alerts.office import Fingerprint
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, known_events, out, space_at
from backoffice.cli.output import Output, OutputOption, stream
from consumers.alerts import NoSuchAlert, current_alerts
from consumers.log import Log, Unreachable
from consumers.moments import words
from consumers.origins import origins
from consumers.partition import Partitions
from consumers.render import as_row, plain
from consumers.seen import Reader
from consumers.story import TOPICS, story
from consumers.telling import Moment
from schemas.alerts import Alert
from schemas.topics import Space

COLUMNS = ("at", "says", "topic", "partition", "offset")


def story_command(fingerprint: Fingerprint, output: OutputOption = Output.table, space: SpaceOption = None) -> None:
    """Tell what happened to an alert: what was heard of it, who did what, whom it told and when it climbed."""
    bootstrap = connect()
    where = space_at(bootstrap, space)
    try:
        with broker_errors():
            found = map(_row, moments(bootstrap, where, fingerprint))
            stream(found, COLUMNS, output, lambda row: out.print(line(row)))
    except NoSuchAlert as error:
        fail(error, code=1)
    except Unreachable as error:
        fail(error)


def moments(bootstrap: str, space: Space, fingerprint: str) -> tuple[Moment, ...]:
    """The story of the one alert whose fingerprint begins like this, its evidence first. Raises NoSuchAlert,
    Unreachable."""
    reader = Reader(space, known_events())
    with Log(bootstrap, [space.topic("alerts")]) as log:
        alert = current_alerts(log, Reader(space, {Alert.type: Alert})).find(fingerprint)
    with Log(bootstrap, [space.topic(topic) for topic in TOPICS]) as log:
        told = story(alert.fingerprint, lambda: chain.from_iterable(log.since()), reader)
    with Partitions(bootstrap) as partitions:
        return (*origins(told, partitions, space, reader), *told)


def line(row: Mapping[str, Any]) -> str:
    place = f"{row['topic']}/{row['partition']}@{row['offset']}"
    return f"{row['at']:%Y-%m-%d %H:%M:%S}  {place:<24}  {plain(row['says'])}"


def _row(moment: Moment) -> dict[str, Any]:
    return {**as_row(moment.seen), "at": moment.at, "says": words(moment)}
