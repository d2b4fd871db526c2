"""What the commands about alerts share: the alerts, groups and silences there are, and the way to decide about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.cli.completing import alert_ids
from backoffice.cli.options import broker_errors, connect, err, fail, space_at
from backoffice.config import ConfigurationError
from backoffice.config.whereabouts import routing
from backoffice.judging import Judgement
from consumers.alerts import Alerts, NoSuchAlert
from consumers.api.following import Following
from consumers.api.standing import Standing
from consumers.api.suppression import Suppression
from consumers.api.view import View
from consumers.log import Unreachable
from schemas.alerts import Alert, Group
from schemas.topics import Space

if TYPE_CHECKING:
    from consumers.api.service import Service

MOST_ALERTS = 200_000
"""How many alerts are held in memory; those that fire always are."""

Fingerprint = Annotated[
    str, typer.Argument(help="Which alert: its fingerprint, or how that begins.", autocompletion=alert_ids)
]


@dataclass(frozen=True, slots=True)
class Office:
    """One space, with the alerts that stand there."""

    bootstrap: str
    space: Space
    view: View
    following: Following
    rules: Judgement

    @contextmanager
    def standing(self) -> Iterator[Standing]:
        with self.view.reading() as standing:
            yield standing

    @property
    def now(self) -> datetime:
        """Now as the space sees it: a replay space's clock follows its records, and must not be moved to today."""
        now = datetime.now(UTC)
        if not self.space.replay:
            return now
        with self.standing() as standing:
            held = (standing.alerts, standing.groups, standing.silences)
            return max((one.updated_at for some in held for one in some.values()), default=now)

    def known(self) -> Alerts:
        with self.standing() as standing:
            return Alerts({fingerprint: held.event for fingerprint, held in standing.alerts.items()})

    def suppression(self, standing: Standing) -> Suppression:
        return Suppression(standing, self.rules, self.now)

    def alert(self, prefix: str) -> Alert:
        """The alert that is meant. Ends the command when there is none, or more than one."""
        try:
            return self.known().find(prefix)
        except NoSuchAlert as error:
            fail(error, code=1)

    def subject(self, text: str) -> Alert | Group:
        """`group/<beginning of its id>`, or the beginning of an alert's fingerprint. Ends the command as above."""
        kind, slash, id = text.partition("/")
        if not slash or kind == "alert":
            return self.alert(id if slash else text)
        if kind != "group":
            fail(f"{text!r}: give an alert's fingerprint, or group/ and the id of a group", code=1)
        with self.standing() as standing:
            found = [held.event for name, held in standing.groups.items() if id and name.startswith(id.lower())]
        if len(found) != 1:
            many = f"The ids of {len(found)} groups begin" if found else "No group's id begins"
            fail(f"{many} with {id!r}; `backoffice alerts show` says which groups an alert is told in.", code=1)
        return found[0]

    @contextmanager
    def service(self) -> Iterator["Service"]:
        """The way to the log, with an audit of who acts, for the block. Raises producers.errors.NotSent."""
        from backoffice.deciding import deciding

        with deciding(self.bootstrap, self.space, self.view, self.rules, lambda: self.now) as service:
            yield service


def opened(space: str | None) -> Office:
    """The office with everything that stands there, read once. Ends the command when it is out of reach."""
    bootstrap = connect()
    where = space_at(bootstrap, space)
    view = View(MOST_ALERTS)
    following = Following(bootstrap, where, view)
    try:
        with broker_errors():
            following.read()
    except Unreachable as error:
        fail(error)
    if following.bad:
        err.print(
            f"{following.bad} records of {where.topic('alerts')} cannot be read and are left out.", style="yellow"
        )
    return Office(bootstrap, where, view, following, _rules())


def _rules() -> Judgement:
    """Alerting's rules as configured here. Where that cannot be read, the built-in ones: looking must always work."""
    try:
        return Judgement(routing().alerting.settings())
    except ConfigurationError as error:
        err.print(f"{error}\nInhibition is shown as built in until that is corrected.", style="yellow")
        return Judgement(routing({}).alerting.settings())
