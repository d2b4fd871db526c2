"""`backoffice explain`: an alert's story, and whether its evidence gives it again."""

from typing import Annotated

import typer

from backoffice.cli.alerts.office import Fingerprint
from backoffice.cli.options import SpaceOption, broker_errors, connect, err, fail, out, space_at
from backoffice.cli.output import Output, OutputOption, show_one
from backoffice.explaining.case import Case, Step
from backoffice.explaining.document import Elsewhere, document
from backoffice.explaining.gathering import Unexplained, begins, fetched, gather
from backoffice.explaining.verdict import Verdict, judge
from backoffice.registry import processors
from consumers.alerts import NoSuchAlert, current_alerts
from consumers.log import Log, Unreachable
from consumers.partition import Partitions
from consumers.render import plain
from consumers.seen import Reader, type_of
from processors.store import from_ms
from schemas.alerts import Alert
from schemas.envelope import Evidence
from schemas.topics import Space

SHOWN = 12
"""Changes of one step that are printed unless all are wanted."""


def explain_command(
    fingerprint: Fingerprint,
    whole: Annotated[bool, typer.Option("--all", help="Every change of the state, however many.")] = False,
    output: OutputOption = Output.table,
    space: SpaceOption = None,
) -> None:
    """Tell an alert's story: the records it rests on, the state before and after each, and its rule.

    It is derived again, from all that was heard of its subject and from its evidence alone. Exit code 0: both give
    it. 3: it needs more than its evidence, or not all of it. 1: what is on the log does not give it at all.
    """
    bootstrap = connect()
    where = space_at(bootstrap, space)
    try:
        with broker_errors(), Log(bootstrap, [where.topic("alerts")]) as alerts:
            alert = current_alerts(alerts, Reader(where, {Alert.type: Alert})).find(fingerprint)
        with broker_errors(), Partitions(bootstrap) as log:
            case = gather(log, where, processors(), alert)
            elsewhere, begin = _told_elsewhere(log, where, case), begins(log, where, case)
    except Unexplained as error:
        fail(f"{error}\nWhat happened to it: backoffice story {alert.fingerprint}", code=1)
    except NoSuchAlert as error:
        fail(error, code=1)
    except Unreachable as error:
        fail(error)
    verdict = judge(case)
    told = document(alert, case, verdict, elsewhere, begin)
    show_one(told, output, lambda: _print(alert, case, verdict, elsewhere, begin, whole))
    raise typer.Exit(verdict.code)


def _told_elsewhere(log: Partitions, space: Space, case: Case) -> Elsewhere:
    """Evidence that reached the rule through a fact, or that is not there any more."""
    found = []
    for named in case.evidence:
        if named.topic != case.processor.inbox:
            stood = fetched(log, space, named)
            found.append((named, "no longer on the log" if stood is None else type_of(stood.value, stood.headers)))
    return found


def _print(alert: Alert, case: Case, verdict: Verdict, elsewhere: Elsewhere, begin: int, whole: bool) -> None:
    _head(alert, case)
    for named, said in elsewhere:
        out.print(f"{_place(named)}  {plain(said)}; {case.processor.name} heard of it by a fact")
    for step in case.steps():
        _step(step, len(step.changed) if whole else SHOWN)
    _rule(case)
    out.print("")
    if begin:
        err.print(
            f"{case.processor.inbox}/{case.partition} begins at {begin}: what was before is gone.", style="yellow"
        )
    _verdict(case, verdict)
    out.print(f"What became of it: backoffice story {alert.fingerprint}", style="dim")


def _head(alert: Alert, case: Case) -> None:
    signal = case.signal
    out.print(f"{alert.fingerprint}  {alert.rule} of {plain(alert.subject)}: {plain(signal.summary)}", style="bold")
    since = f"{alert.starts_at:%Y-%m-%d %H:%M:%S} UTC"
    until = f", ended {alert.ends_at:%Y-%m-%d %H:%M:%S} UTC" if alert.ends_at else ""
    due = f", due {signal.due:%Y-%m-%d %H:%M:%S} UTC" if signal.due else ""
    out.print(f"{signal.severity}, since {since}{due}{until}; said by {case.processor.name}\n")


def _step(step: Step, most: int) -> None:
    record = step.record
    what = step.event.type if step.event is not None else "not an event of this processor"
    fields = plain(step.event.model_dump_json(exclude_defaults=True)) if step.event is not None else ""
    mark = "" if step.evidence else "  (no evidence: only time passed, or something else happened)"
    place, at = f"{record.topic}/{record.partition}@{record.offset}", from_ms(record.timestamp)
    out.print(f"{place}  {at:%Y-%m-%d %H:%M:%S}  {what}{mark}")
    if fields:
        out.print(f"    {fields}", style="dim")
    for name, before, after in step.changed[:most]:
        out.print(f"    {plain(name)}: {plain(before)} -> {plain(after)}")
    if (more := len(step.changed) - most) > 0:
        out.print(f"    and {more} more changes (--all shows them)", style="dim")


def _rule(case: Case) -> None:
    rule = next((rule for rule in case.processor.rules if rule.name == case.signal.rule), None)
    if rule is None:
        out.print(f"\nThe rule {case.signal.rule} is not among those installed here.")
        return
    out.print(
        f"\nThe rule {rule.name}, version {rule.version}: fires when {rule.fires}; resolves when {rule.resolves}."
    )
    for name, value in case.signal.settings.items():
        out.print(f"    {name} was {value}")
    if rule.measure:
        out.print(f"    it compares {rule.measure}")


def _verdict(case: Case, verdict: Verdict) -> None:
    """What came of deriving it again."""
    if not verdict.from_history:
        err.print("NOT derived again: what the log holds of its subject does not give this alert.", style="red")
        return
    out.print(f"Derived again from all that was heard of {plain(case.subject)}: the same, word for word.")
    if verdict.from_evidence is False:
        err.print("NOT from its evidence alone: the rule also read what other records had left behind.", style="yellow")
        return
    n = len(case.evidence)
    if verdict.measured is not None:
        out.print(f"It rests on a figure, of more records than the {n} that it names: {plain(verdict.measured)}.")
    else:
        out.print(f"Derived again from its {n} records alone: rule, identity, severity and labels are equal.")
    if needless := verdict.needless:
        err.print(f"Needless evidence: without {', '.join(map(_place, needless))} it is the same.", style="yellow")
        return
    out.print("With any record left out it is another answer.")


def _place(named: Evidence) -> str:
    return f"{named.topic}/{named.partition}@{named.offset}"
