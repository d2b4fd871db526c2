"""The rules of the registry under the configuration's settings, for the console."""

from backoffice.config import Configuration
from backoffice.reference import read_notes
from backoffice.registry import processors
from backoffice.thresholds import EVERYWHERE, thresholds
from consumers.console.rulebook import RuleText, Setting
from processors.processor import Processor
from processors.rule import Rule
from schemas.settings import Settings


class Registered:
    """A `consumers.console.rulebook.RuleBook`."""

    def __init__(self, found: Configuration) -> None:
        notes = _notes()
        self.rules = tuple(
            sorted(
                _text(processor, rule, found.rules.get(processor.name, processor.settings()), notes.get(rule.name, ""))
                for processor in processors()
                for rule in processor.rules
            )
        )


def _notes() -> dict[str, str]:
    """What real logs have shown; an installed package has none of it."""
    try:
        return read_notes()
    except ValueError:
        return {}


def _text(processor: Processor, rule: Rule, settings: Settings, note: str) -> RuleText:
    return RuleText(
        name=rule.name,
        version=rule.version,
        department=rule.department,
        severity=rule.severity,
        fires=rule.fires,
        resolves=rule.resolves,
        one_alert_per=("subject", *rule.distinguish),
        note=note,
        settings_of=processor.name,
        settings=tuple(
            Setting(each.setting, "" if each.where == EVERYWHERE else each.where, each.value, each.meaning)
            for each in thresholds(rule, settings)
        ),
    )
