"""`backoffice doctor`: is everything as it should be, and how is it mended where it is not?"""

import os
from typing import Annotated, Any

import typer
from rich.text import Text

from backoffice.cli.completing import receivers
from backoffice.cli.config import ConfigOption, labels, registry, streams
from backoffice.cli.options import FOUND, PARTLY, SpaceOption, fail, out
from backoffice.cli.output import Column, Output, OutputOption, Row, show
from backoffice.cli.people import By, who
from backoffice.config import load_or_defaults
from backoffice.doctor.checks import CHECKS, examine
from backoffice.doctor.finding import Finding, Severity
from backoffice.doctor.patient import Patient
from consumers.notify.secrets import SecretMissing, Secrets
from consumers.render import plain

STYLES = {
    Severity.OK: "green",
    Severity.WARNING: "yellow",
    Severity.ERROR: "red",
    Severity.SKIPPED: "dim",
}

NAMES = tuple(check.name for check in CHECKS)


def doctor_command(
    only: Annotated[
        list[str] | None, typer.Option("--only", help=f"Only this check; repeat. There are {', '.join(NAMES)}.")
    ] = None,
    send_test: Annotated[
        str | None,
        typer.Option(
            "--send-test", metavar="RECEIVER", help="Send this receiver a test notice.", autocompletion=receivers
        ),
    ] = None,
    by: By = None,
    output: OutputOption = Output.table,
    config: ConfigOption = None,
    space: SpaceOption = None,
) -> None:
    """Check broker, topics, configuration, clock, permissions, disk and channels, and say how to mend each.

    It starts and mends nothing. It writes one record, to the audit of a live space, to read the broker's clock.
    Exit code 0: all is well. 3: there are warnings only. 1: something does not work.
    """
    if unknown := sorted(set(only or ()) - set(NAMES)):
        fail(f"--only {', '.join(unknown)}: there are {', '.join(NAMES)}")
    patient = Patient(lambda: load_or_defaults(config, registry(), labels(), streams()), space, who=who(by))
    if send_test is None:
        found = list(examine(patient, [check for check in CHECKS if check.name in (only or NAMES)]))
    else:
        found = [("channels", finding) for finding in _sent(patient, send_test)]
    show((_row(name, finding) for name, finding in found), COLUMNS, output)
    severities = [finding.severity for _, finding in found]
    if output is Output.table:
        out.print(_summed(severities))
    _leave(severities)


def _sent(patient: Patient, receiver: str) -> list[Finding]:
    from backoffice.doctor.channels import send_test

    if patient.misconfigured:
        fail(patient.misconfigured)
    known = sorted(one.name for one in patient.configuration.alerting.all_receivers())
    if receiver not in known:
        fail(f"There is no receiver {receiver!r}; there are {', '.join(known)}.")
    secrets = Secrets(os.environ, patient.configuration.folder)
    try:
        return list(send_test(patient.configuration, secrets, receiver, patient.who, patient.now()))
    except SecretMissing as missing:
        fail(missing)


def _row(name: str, finding: Finding) -> dict[str, Any]:
    return {"check": name, "severity": finding.severity.value, "finding": finding.what, "mend": finding.mend}


def _what(row: Row) -> str:
    return plain(row["finding"]) + (f"\n  -> {plain(row['mend'])}" if row["mend"] else "")


COLUMNS = (
    Column("severity", "", cell=lambda row: Text(row["severity"], style=STYLES[Severity(row["severity"])])),
    Column("check"),
    Column("finding", cell=_what, folds=True),
    Column("mend", hidden=True),
)


def _summed(found: list[Severity]) -> str:
    errors, warnings = found.count(Severity.ERROR), found.count(Severity.WARNING)
    if not errors and not warnings:
        return "All is well."
    return f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}."


def _leave(found: list[Severity]) -> None:
    if Severity.ERROR in found:
        raise typer.Exit(FOUND)
    if Severity.WARNING in found:
        raise typer.Exit(PARTLY)
