"""`backoffice alerts show`: one alert with its story, evidence, links, silences and escalation."""

from collections.abc import Iterator
from datetime import datetime

from backoffice.cli.alerts.listing import row, summary
from backoffice.cli.alerts.office import Fingerprint, Office, opened
from backoffice.cli.options import SpaceOption, out
from backoffice.cli.output import Output, OutputOption, show_one
from consumers.render import RESOLVED, STYLES, plain
from consumers.selection import Stands, state
from schemas.alerts import Alert, Group


def show_command(fingerprint: Fingerprint, output: OutputOption = Output.table, space: SpaceOption = None) -> None:
    """Show one alert: what happened when, who was told, who has it, what it rests on, and when it climbs next.

    `backoffice explain` derives it again from its evidence.
    """
    office = opened(space)
    alert = office.alert(fingerprint)
    with office.standing() as standing:
        status = office.suppression(standing).of(alert)
        stands = Stands(alert, state(alert, status, office.now), status)
        groups = [held.event for id in alert.groups if (held := standing.groups.get(id)) is not None]
        explained = [
            held.event
            for held in standing.alerts.values()
            if alert.fingerprint in held.event.suppressed_by or held.event.merged_into == alert.fingerprint
        ]
        explains = [standing.alerts[one].event for one in _explaining(alert) if one in standing.alerts]
    whole = {
        **row(stands),
        "muted_by": list(status.muted_by),
        "groups": [group.model_dump(mode="json") for group in groups],
        "explains": [one.fingerprint for one in explained],
    }
    show_one(whole, output, lambda: _people(office, stands, groups, explains, explained))


def _explaining(alert: Alert) -> list[str]:
    return [*alert.suppressed_by, *((alert.merged_into,) if alert.merged_into else ())]


def _people(office: Office, stands: Stands, groups: list[Group], above: list[Alert], below: list[Alert]) -> None:
    alert = stands.alert
    severity = alert.labels.get("severity", "")
    style = RESOLVED if alert.status == "resolved" else STYLES.get(severity, "")
    out.print(f"{alert.fingerprint}  {plain(alert.rule)} of {plain(alert.subject)}: {summary(alert)}", style="bold")
    out.print(f"{plain(severity)} {alert.priority}, {stands.state}", style=style)
    for heading, lines in (
        ("", list(_facts(alert))),
        ("Story (UTC)", [f"{at:%Y-%m-%d %H:%M:%S}  {said}" for at, said in story(alert)]),
        ("Told in", [_group(group) for group in groups]),
        ("Silenced by", list(_silences(office, stands))),
        ("Explained by", [_one(one) for one in above]),
        ("Explains", [_one(one) for one in below]),
        ("Evidence", [f"{e.topic}/{e.partition}@{e.offset}  {plain(e.id)}" for e in alert.evidence]),
        ("Settings", [plain(f"{name} = {value}") for name, value in alert.settings.items()]),
    ):
        _section(heading, lines)


def _section(heading: str, lines: list[str]) -> None:
    if not lines:
        return
    if heading:
        out.print(f"\n{heading}", style="bold")
    for line in lines:
        out.print(f"  {line}" if heading else line)


def _facts(alert: Alert) -> Iterator[str]:
    labels = " ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    yield plain(f"labels: {labels}")
    for name, text in sorted(alert.annotations.items()):
        if name != "summary":
            yield plain(f"{name}: {text}")
    if alert.assigned_to:
        yield plain(f"assigned to {', '.join(alert.assigned_to)}")
    if alert.receivers:
        yield plain(f"told: {', '.join(alert.receivers)}")
    if alert.delivery_failed:
        yield plain(f"not reached: {', '.join(alert.delivery_failed)}")
    if alert.generator_url:
        yield plain(alert.generator_url)


def story(alert: Alert) -> list[tuple[datetime, str]]:
    """What is known of an alert to have happened when, in that order."""
    told: list[tuple[datetime | None, str]] = [
        (alert.starts_at, "begins to fire"),
        (alert.due, "was due"),
        (alert.acknowledged_at, f"taken by {plain(alert.acknowledged_by or '')}"),
        *((note.at, f"{plain(note.by)} writes: {plain(note.text)}") for note in alert.notes),
        (alert.acknowledged_until, "is given back, and climbs again"),
        (alert.snoozed_until, "is snoozed until then"),
        (alert.ends_at, "is over"),
    ]
    return sorted(((at, said) for at, said in told if at is not None), key=lambda one: one[0])


def _group(group: Group) -> str:
    step = f", step {group.escalation_step} of {plain(group.policy)}" if group.policy else ""
    climbs = f", climbs at {group.escalates_at:%Y-%m-%d %H:%M:%S} UTC" if group.escalates_at else ""
    told = f"; told: {plain(', '.join(group.told))}" if group.told else ""
    return f"group/{group.group}  {plain(group.receiver)}, {group.firing} firing{step}{climbs}{told}"


def _silences(office: Office, stands: Stands) -> Iterator[str]:
    with office.standing() as standing:
        for id in stands.status.silenced_by:
            silence = standing.silences[id].event
            until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
            yield f"{id}  until {until}, {plain(silence.created_by)}: {plain(silence.comment)}"


def _one(alert: Alert) -> str:
    return f"{alert.fingerprint}  {plain(alert.rule)} of {plain(alert.subject)}: {summary(alert)}"
