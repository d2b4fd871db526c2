"""`backoffice rules`: what is watched, and under which settings."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from backoffice import spaces
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import SpaceOption, broker_errors, connect, fail, out, space_at
from backoffice.cli.output import Column, Output, OutputOption, show, show_one
from backoffice.config.explain import suggestion
from backoffice.reference import COMMITTED, read_notes, reference
from backoffice.registry import labels, processors
from backoffice.thresholds import in_one_line, thresholds
from processors.rule import Rule
from processors.settings import RuleSettings
from producers.client import Client
from schemas.audit import ActionRecorded
from schemas.settings import Settings

app = typer.Typer(help="List the rules, and put changed settings on record.", no_args_is_help=True)


@app.command("list")
def list_command(
    department: Annotated[str | None, typer.Option("--department", help="Only rules of this department.")] = None,
    output: OutputOption = Output.table,
    config: ConfigOption = None,
) -> None:
    """List every rule: when it fires, when it resolves, how bad it is, and the settings it reads."""
    found = configuration(config)
    rows = [
        _row(rule, found.rules.get(processor, Settings()))
        for _, (processor, rule) in sorted(_rules().items())
        if department in (None, rule.department)
    ]
    show(rows, COLUMNS, output, f"No rules of {department}.")


def _row(rule: Rule, settings: Settings) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "department": rule.department,
        "version": rule.version,
        "severity": rule.severity,
        "fires": rule.fires,
        "resolves": rule.resolves,
        "settings": in_one_line(rule, settings),
    }


COLUMNS = (
    Column("rule"),
    Column("severity"),
    Column("fires", "fires when", folds=True),
    Column("resolves", "resolves when", folds=True),
    Column("settings", folds=True),
    Column("department", hidden=True),
    Column("version", hidden=True),
)


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="The rule's full name, such as accounting.invoice_overdue.")],
    output: OutputOption = Output.table,
    config: ConfigOption = None,
) -> None:
    """Show one rule, and what its settings come to: everywhere, and where an override says otherwise."""
    rules = _rules()
    if name not in rules:
        fail(f"There is no rule {name!r} ({suggestion(name, sorted(rules))}).")
    processor, rule = rules[name]
    settings = configuration(config).rules.get(processor, Settings())
    names = ("setting", "where", "value", "what")
    found = [dict(zip(names, threshold, strict=True)) for threshold in thresholds(rule, settings)]
    whole = {**_row(rule, settings), "distinguish": rule.distinguish, "thresholds": found}
    show_one(whole, output, lambda: _people(processor, rule, settings))


def _people(processor: str, rule: Rule, settings: Settings) -> None:
    out.print(f"{rule.name}, version {rule.version}, {rule.severity}")
    out.print(f"Fires when {rule.fires}.\nResolves when {rule.resolves}.")
    if rule.measure:
        out.print(f"Rests on a figure, which the alert names: {rule.measure}.")
    out.print(f"One alert per subject{''.join(f', {label}' for label in rule.distinguish)}.")
    if rule.settings:
        table = _table("setting", "where", "value", "what it is")
        for threshold in thresholds(rule, settings):
            table.add_row(*threshold)
        out.print()
        out.print(table)
    if isinstance(settings, RuleSettings) and rule.settings:
        out.print(f"\nSettings of {processor} may differ by {', '.join(labels()[processor])}.")


@app.command("reference")
def reference_command(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when it is stale.")] = False,
    file: Annotated[Path, typer.Option("--file", help="Where the reference is.")] = COMMITTED,
) -> None:
    """Write the rule reference: every rule with its settings as built in, and what is known of it from real logs."""
    try:
        text = reference(processors(), read_notes())
    except ValueError as error:
        fail(str(error))
    stale = not file.exists() or file.read_text(encoding="utf-8") != text
    if check and stale:
        fail(f"{file} is stale: the rules, their settings or the notes have changed. `backoffice rules reference`")
    if stale:
        file.write_text(text, encoding="utf-8")
    out.print(f"{len(_rules())} rules, {'written' if stale else 'all as committed'}.")


def _rules() -> dict[str, tuple[str, Rule]]:
    """Every rule by name, and whose settings it reads."""
    return {rule.name: (processor.name, rule) for processor in processors() for rule in processor.rules}


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


@app.command("apply")
def apply_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
) -> None:
    """Put the configuration's settings on record: from here on the rules of a live space read them. State is kept."""
    found = configuration(config)
    bootstrap = connect(found)
    live = space_at(bootstrap, space or found.space)
    if live.replay:
        fail(f"space {live.name} is a replay space: its settings come with what is fed into it")
    with broker_errors():
        told = ", ".join(spaces.tell_settings(bootstrap, live, found.settings()))
        with Client(bootstrap, live) as client:
            action = ActionRecorded(action="settings.apply", on=told)
            client.send(action, f"person/{getpass.getuser()}", source="urn:backoffice:cli").result(30)
    out.print(f"Settings of {told} are on record in space {live.name}.")
