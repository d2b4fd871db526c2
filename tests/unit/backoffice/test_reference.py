"""The rule reference says what the code says, and a check tells when it does not any more."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backoffice.cli.rules import app
from backoffice.reference import COMMITTED, read_notes, reference
from backoffice.registry import processors
from processors.processor import Processor

RULES = {rule.name: (processor, rule) for processor in processors() for rule in processor.rules}


def changed(rule: str, **changes: object) -> tuple[Processor, ...]:
    """All processors, one rule of which says something else."""
    owner, old = RULES[rule]
    rules = tuple(replace(old, **changes) if each is old else each for each in owner.rules)  # type: ignore[arg-type]
    return tuple(replace(p, rules=rules) if p is owner else p for p in processors())


def section(text: str, rule: str) -> str:
    return text.partition(f"### {rule}\n")[2].partition("\n#")[0]


def test_the_committed_reference_is_what_the_code_says() -> None:
    assert COMMITTED.read_text() == reference(processors(), read_notes()), "stale: `backoffice rules reference`"


def test_every_rule_has_a_rate_from_a_real_log_or_says_what_one_would_have_to_tell() -> None:
    notes = read_notes()
    assert {rule.name for processor in processors() for rule in processor.rules} == set(notes)
    unknown = [note for note in notes.values() if note.startswith("No rate: ")]
    assert [note for note in unknown if "; it takes " not in note and ": it takes " not in note] == []


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_there_with_all_that_a_person_must_know(name: str) -> None:
    processor, rule = RULES[name]
    found = section(COMMITTED.read_text(), name)
    assert f"*{rule.severity}" in found
    assert f"Fires when {rule.fires}." in found
    assert f"Resolves when {rule.resolves}." in found
    assert all(f"`{label}`" in found for label in rule.distinguish)
    for setting in rule.settings:
        meaning = processor.settings.model_fields[setting].description or ""
        assert f"`{processor.name}.{setting}` (" in found
        assert " ".join(meaning.split()) in found


def test_a_rule_over_several_keys_is_with_its_department_and_its_settings_with_correlation() -> None:
    text = COMMITTED.read_text()
    found = section(text, "hr.no_manager")
    assert "over several keys" in found
    assert "`correlation.manager_business_days` (5): " in found
    assert text.index("## hr\n") < text.index("### hr.no_manager\n") < text.index("## it\n")


@pytest.mark.parametrize("change", [{"severity": "info"}, {"fires": "never"}, {"settings": ()}], ids=str)
def test_whatever_changes_in_a_rule_changes_the_reference(change: dict[str, object]) -> None:
    text = reference(changed("accounting.duplicate_invoice", **change), {})
    assert text != reference(processors(), {})


def test_a_note_stands_with_its_rule_and_one_on_no_rule_is_a_mistake() -> None:
    text = reference(processors(), {"it.outage": "Seen\n in a log."})
    assert section(text, "it.outage").rstrip().endswith("\n\nSeen in a log.")
    with pytest.raises(ValueError, match=r"rules that there are not: it\.outtage"):
        reference(processors(), {"it.outtage": "?"})


@pytest.mark.parametrize("text", ["- it.outage", "it.outage: 3", "it.outage: [", "it.outage: {a: b}"])
def test_notes_that_are_none_are_said_with_their_file(text: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"notes\.yaml: "):
        read_notes(file)


def test_the_command_writes_it_and_the_check_says_when_it_is_stale(tmp_path: Path) -> None:
    file = tmp_path / "rules.md"
    told = ["reference", "--file", str(file)]
    assert CliRunner().invoke(app, [*told, "--check"]).exit_code != 0
    assert not file.exists()
    assert CliRunner().invoke(app, told).exit_code == 0
    assert CliRunner().invoke(app, [*told, "--check"]).exit_code == 0
    file.write_text(file.read_text().replace("error", "warning", 1))
    assert CliRunner().invoke(app, [*told, "--check"]).exit_code != 0
