"""The command line: one file per command, listed here and loaded when it is called."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from backoffice.cli.lazy import LazyGroup, Where

for library in ("kafka", "aiokafka"):  # what they warn of while they retry is for logs, not for a command's user
    logging.getLogger(library).addHandler(logging.NullHandler())

COMMANDS = {
    "demo": Where(
        "demo:demo_command",
        "Run a simulated office's week through real Kafka; show the alerts and who was told. Leaves nothing behind.",
    ),
    "run": Where(
        "run:run_command",
        "Run workers, notifier, API, console, archive and reporter in the live space, "
        "until stopped (SIGTERM or Ctrl-C).",
    ),
    "doctor": Where(
        "doctor:doctor_command",
        "Check broker, topics, configuration, clock, permissions, disk and channels, and say how to mend each.",
    ),
    "alerts": Where(
        "alerts:alerts",
        "Show the alerts that fire now, the worst first; or one of them with its story (`show`).",
    ),
    "ack": Where(
        "alerts:ack",
        "Acknowledge alerts: somebody takes them, and they escalate no further. With --for, only for so long.",
    ),
    "unack": Where(
        "alerts:unack",
        "Give alerts back: nobody has them any more, and they climb again from the first step.",
    ),
    "assign": Where(
        "alerts:assign",
        "Assign alerts to receivers, who are told, instead of whoever was to deal with them before.",
    ),
    "snooze": Where(
        "alerts:snooze",
        "Snooze alerts: nobody is told, and nothing climbs, until then. `--for 0s`: not snoozed any more.",
    ),
    "note": Where("alerts:note", "Write a note to alerts, also to those that are over."),
    "merge": Where(
        "alerts:merge",
        "Deal with alerts under another one: while that fires, they tell nobody and do not climb.",
    ),
    "resolve": Where(
        "alerts:resolve",
        "Resolve alerts by hand: each is over until its condition has ended and begins again.",
    ),
    "silence": Where("alerts:silence", "Silences: add, list, expire; preview what one would mute."),
    "oncall": Where("oncall:app", "See who is on call; let somebody stand in."),
    "explain": Where(
        "explain:explain_command",
        "Tell an alert's story: the records it rests on, the state before and after each, and its rule.",
    ),
    "story": Where(
        "story:story_command",
        "Tell what happened to an alert: what was heard of it, who did what, whom it told and when it climbed.",
    ),
    "tail": Where("tail:tail", "Show what was said of late in a space, and go on with what is said now (-f)."),
    "lookup": Where(
        "lookup:lookup_command",
        "Show what is known of a thing: its state now, its newest events, its alerts. "
        "Each look is put on record first.",
    ),
    "report": Where(
        "report:report_command",
        "Show reports over the archive: targets kept, overdue work, outages and what they cost, and more.",
    ),
    "state": Where("state:app", "Look at what is remembered."),
    "dlq": Where("dlq:app", "Records that could not be read or applied: look, redrive, discard."),
    "lag": Where(
        "lag:lag_command",
        "Say how far processors and the notifier are behind: records left, and how long the oldest has waited.",
    ),
    "workers": Where(
        "workers:workers_command",
        "Show the workers and notifiers of a space, each with its partitions; exit with 1 when there is no worker.",
    ),
    "measure": Where(
        "measuring:measure_command",
        "Take measures over the states of a space: sets of cases, counts by label, maxima.",
    ),
    "metrics": Where(
        "metrics:metrics_command",
        "List the metrics of all processes, as a table in Markdown: name, type, labels, and what each says.",
    ),
    "rules": Where("rules:app", "List the rules, and put changed settings on record."),
    "what-if": Where(
        "what_if:what_if_command",
        "Say which alerts there would have been under changed settings, or by the code installed here.",
    ),
    "rebuild": Where(
        "rebuild:rebuild_command",
        "Compute outputs and states anew from the inboxes, and compare them with what is recorded, hash for hash.",
    ),
    "emit": Where(
        "emit:emit",
        "Send events: one by options, or many from a file. Exits with 1 when any was refused; the others are sent.",
    ),
    "import": Where(
        "importing:import_command",
        "Import a file into a replay space and run it through the rules, in event time. Run again, it goes on.",
    ),
    "simulate": Where(
        "simulate:simulate_command",
        "Live through an office's days with planted problems, and check that the alerts are those that must follow.",
    ),
    "worker": Where("worker:worker_command", "Process the events of a space until stopped (SIGTERM or Ctrl-C)."),
    "notifier": Where("notifier:notifier_command", "Deliver notices to receivers until stopped (SIGTERM or Ctrl-C)."),
    "reporter": Where(
        "report:reporter_command",
        "Mail reports on the configuration's schedule (`reports.mails`) until stopped.",
    ),
    "archive": Where("archive:app", "History in SQL: write it, look at it, search it."),
    "api": Where(
        "api:api_command",
        "Serve Alertmanager's API v2, commands on alerts, and the pages behind links in notices, until stopped.",
    ),
    "console": Where("console:console_command", "Serve the web console and the API together, until stopped."),
    "token": Where(
        "api:token_command",
        "Make a token for the API. It is shown once; the configuration holds only its SHA-256.",
    ),
    "password": Where(
        "console:password_command",
        "Hash a password for a user of the console: typed twice, or one line of what is piped in.",
    ),
    "broker": Where("broker:app", "Start, stop and look at the Kafka broker."),
    "topics": Where("topics:app", "Show and create the topics of a space."),
    "space": Where("spaces:app", "List spaces; remove replay spaces."),
    "config": Where("config:app", "Check and show the configuration."),
    "routes": Where("routes:app", "Show the route tree, and test whom alerts go to."),
    "schemas": Where("schemas:app", "Export the JSON Schemas of all events, compare or release them."),
}
"""Every command, as `--help` lists them. Each is a function or a Typer application, in a module of its own."""


class Commands(LazyGroup):
    """Any command may need the departments: one that cannot be loaded ends it with a line that names it."""

    table = COMMANDS

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            registry = sys.modules.get("backoffice.registry")  # not loaded: then no department is to blame
            if registry is not None and isinstance(error, registry.DepartmentError):
                from backoffice.cli.options import fail

                fail(error)
            raise


app = typer.Typer(name="backoffice", cls=Commands, no_args_is_help=True, pretty_exceptions_show_locals=False)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"backoffice {version('backoffice')}")
        raise typer.Exit


@app.callback()
def main(
    version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Event-driven supervision of an organisation's back office."""
