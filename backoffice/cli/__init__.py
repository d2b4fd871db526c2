"""The command line: one file per command, mounted here."""

import logging
import warnings
from typing import Any

with warnings.catch_warnings():  # kafka-python's own import, on Python 3.11 and 3.12
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401

import typer
from typer.core import TyperGroup

from backoffice.cli import broker, config, schemas, topics
from backoffice.cli.alerts import ack, alerts, resolve
from backoffice.cli.api import api_command, token_command
from backoffice.cli.archive import app as archive
from backoffice.cli.demo import demo_command
from backoffice.cli.emit import emit
from backoffice.cli.explain import explain_command
from backoffice.cli.importing import import_command
from backoffice.cli.measuring import measure_command
from backoffice.cli.metrics import metrics_command
from backoffice.cli.notifier import notifier_command
from backoffice.cli.oncall import app as oncall
from backoffice.cli.options import fail
from backoffice.cli.rebuild import rebuild_command
from backoffice.cli.routes import app as routes
from backoffice.cli.rules import app as rules
from backoffice.cli.run import run_command
from backoffice.cli.simulate import simulate_command
from backoffice.cli.spaces import app as spaces
from backoffice.cli.state import app as state
from backoffice.cli.tail import tail
from backoffice.cli.what_if import what_if_command
from backoffice.cli.worker import worker_command
from backoffice.registry import DepartmentError

for library in ("kafka", "aiokafka"):  # what they warn of while they retry is for logs, not for a command's user
    logging.getLogger(library).addHandler(logging.NullHandler())


class Commands(TyperGroup):
    """Any command may need the departments: one that cannot be loaded ends it with a line that names it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DepartmentError as error:
            fail(error)


app = typer.Typer(
    name="backoffice",
    cls=Commands,
    help="Event-driven supervision of an organisation's back office.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

for name, group in (
    ("broker", broker.app),
    ("topics", topics.app),
    ("space", spaces),
    ("config", config.app),
    ("routes", routes),
    ("rules", rules),
    ("schemas", schemas.app),
    ("state", state),
    ("archive", archive),
    ("oncall", oncall),
):
    app.add_typer(group, name=name)
for name, command in (
    ("demo", demo_command),
    ("run", run_command),
    ("worker", worker_command),
    ("notifier", notifier_command),
    ("api", api_command),
    ("token", token_command),
    ("emit", emit),
    ("import", import_command),
    ("simulate", simulate_command),
    ("tail", tail),
    ("alerts", alerts),
    ("ack", ack),
    ("resolve", resolve),
    ("measure", measure_command),
    ("metrics", metrics_command),
    ("explain", explain_command),
    ("rebuild", rebuild_command),
    ("what-if", what_if_command),
):
    app.command(name)(command)
