"""The rule reference: every rule as its code says it, in Markdown, with what is known of it from real logs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from backoffice.thresholds import thresholds
from processors.processor import Processor
from processors.rule import Rule

DOCS = Path(__file__).parents[1] / "docs"
COMMITTED = DOCS / "rules.md"
NOTES = DOCS / "rules-notes.yaml"

HEAD = """# The rules

What is watched, by department: when each rule fires, when its alert resolves, and what it can be told. Generated from
the code by `backoffice rules reference`, with [notes](rules-notes.yaml) on real logs; not written by hand.

One alert is one subject (an invoice's vendor, an incident) with the labels that are named. Settings are told under
`rules:` in the configuration, per department; those of rules over several keys under `correlation`.
`backoffice rules show` says what they come to under yours.
"""


def read_notes(file: Path = NOTES) -> dict[str, str]:
    """What is known of rules beyond their code, by rule. Raises ValueError when the file holds something else."""
    try:
        notes = YAML(typ="safe").load(file.read_text(encoding="utf-8")) or {}
    except (OSError, YAMLError) as error:
        raise ValueError(f"{file}: cannot be read: {error}") from error
    if not isinstance(notes, dict) or not all(isinstance(text, str) for pair in notes.items() for text in pair):
        raise ValueError(f"{file}: must be a mapping of rule names to sentences")
    return notes


def reference(processors: Iterable[Processor], notes: Mapping[str, str]) -> str:
    """The whole document. Raises ValueError for a note on a rule that there is not."""
    processors = tuple(processors)
    rules = {rule.name: (processor, rule) for processor in processors for rule in processor.rules}
    if unknown := sorted(notes.keys() - rules.keys()):
        raise ValueError(f"notes on rules that there are not: {', '.join(unknown)}")
    events = {processor.name: processor.events for processor in processors}
    sections = [HEAD]
    for department in sorted({rule.department for _, rule in rules.values()}):
        mine = [rules[name] for name in sorted(rules) if rules[name][1].department == department]
        types = ", ".join(f"`{event.type}`" for event in events.get(department, ()))
        sections += [f"## {department}\n", f"Reads {types}.\n"]
        sections += [_rule(processor, rule, notes.get(rule.name, "")) for processor, rule in mine]
    return "\n".join(sections)


def _rule(processor: Processor, rule: Rule, note: str) -> str:
    return "\n".join([f"### {rule.name}\n", *_said(processor, rule), *_settings(processor, rule), *_note(note)])


def _said(processor: Processor, rule: Rule) -> Iterator[str]:
    labels = "".join(f", `{label}`" for label in rule.distinguish)
    over = "" if processor.name == rule.department else ", over several keys"
    yield f"*{rule.severity}{over}; one alert per subject{labels}.*\n"
    yield f"- Fires when {rule.fires}."
    yield f"- Resolves when {rule.resolves}."
    if rule.measure:
        yield f"- Rests on a figure, which the alert names: {rule.measure}."


def _settings(processor: Processor, rule: Rule) -> Iterator[str]:
    for threshold in thresholds(rule, processor.settings()):
        meaning = " ".join(threshold.meaning.split())
        yield f"- `{processor.name}.{threshold.setting}` ({threshold.value}): {meaning}"


def _note(note: str) -> Iterator[str]:
    if note:
        yield f"\n{' '.join(note.split())}"
    yield ""
