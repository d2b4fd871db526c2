"""`backoffice story`: what happened to an alert, from the events it rests on to the last word."""

import json
from itertools import chain
from typing import Annotated

import typer

from backoffice.cli.alerts import Fingerprint
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, known_events, out, space_at
from backoffice.cli.tail import Output
from consumers.alerts import NoSuchAlert, current_alerts
from consumers.log import Log, Unreachable
from consumers.moments import words
from consumers.origins import origins
from consumers.partition import Partitions
from consumers.render import as_json, plain
from consumers.seen import Reader
from consumers.story import TOPICS, Moment, story
from schemas.alerts import Alert
from schemas.topics import Space

Form = Annotated[Output, typer.Option("--output", "-o", help="For people, or one JSON object a line.")]


def story_command(fingerprint: Fingerprint, output: Form = Output.text, space: SpaceOption = None) -> None:
    """Tell what happened to an alert: what was heard of it, who did what about it, whom it told and when it climbed."""
    bootstrap = connect()
    where = space_at(bootstrap, space)
    try:
        with broker_errors():
            for moment in moments(bootstrap, where, fingerprint):
                out.print(_as_json(moment) if output is Output.json else line(moment))
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


def line(moment: Moment) -> str:
    record = moment.seen.record
    place = f"{moment.seen.topic}/{record.partition}@{record.offset}"
    return f"{moment.at:%Y-%m-%d %H:%M:%S}  {place:<24}  {plain(words(moment))}"


def _as_json(moment: Moment) -> str:
    said = {"at": moment.at.isoformat(), "says": words(moment), **json.loads(as_json(moment.seen))}
    return json.dumps(said, ensure_ascii=False)
