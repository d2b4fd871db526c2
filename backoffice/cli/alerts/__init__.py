"""`backoffice alerts`, `ack` and the like, `silence`: the alerts there are, and what somebody decides about them."""

import typer

from backoffice.cli.alerts import listing, showing
from backoffice.cli.alerts.acting import ack, assign, merge, note, resolve, snooze, unack
from backoffice.cli.alerts.office import Fingerprint
from backoffice.cli.alerts.silences import app as silence
from backoffice.cli.watching import Watchable, WatchableGroup

__all__ = ["Fingerprint", "ack", "alerts", "assign", "merge", "note", "resolve", "silence", "snooze", "unack"]

alerts = typer.Typer(cls=WatchableGroup, invoke_without_command=True)
alerts.callback()(listing.alerts)
alerts.command("list", cls=Watchable)(listing.list_command)
alerts.command("show")(showing.show_command)
