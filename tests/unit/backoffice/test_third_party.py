"""A department from somebody else's package: found, listed, given a topic, heard; or refused with a reason."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from backoffice.registry import DepartmentError, departments

ROOT = Path(__file__).parents[3]

EVENTS = '''
    """What happens in a warehouse."""

    from schemas.envelope import Event


    class PalletDropped(Event, type="{name}.pallet.dropped", kind="pallet", topic="events.{name}"):
        """A pallet fell."""

        metres: int
'''

RULES = '''
    """Pallets: none may fall."""

    from processors.processor import Aggregate, Processor
    from processors.rule import Rule
    from processors.step import State, Step
    from {package}.events import PalletDropped

    FELL = Rule("{name}.pallet_fell", "critical", "a pallet falls", "never by itself")


    class Pallet(State):
        """A pallet."""


    def step(pallet, event, at):
        match event:
            case PalletDropped(metres=metres):
                return Step(pallet).fires(FELL, at, f"pallet {{pallet.id}} fell {{metres}} m", because=[event])
        return Step(pallet)


    department = Processor("{name}", "{inbox}", (PalletDropped,), {{"pallet": Aggregate(Pallet, step)}}, rules=(FELL,))
    not_a_processor = {{"name": "{name}"}}
'''


def installed(where: Path, package: str, name: str, inbox: str = "", points: dict[str, str] | None = None) -> Path:
    """A distribution as pip leaves it: a package with one schema file and one rule file, and its metadata."""
    told = {"package": package, "name": name, "inbox": inbox or f"events.{name}"}
    (where / package).mkdir(parents=True)
    (where / package / "__init__.py").write_text("")
    (where / package / "events.py").write_text(dedent(EVENTS).format(**told))
    (where / package / "rules.py").write_text(dedent(RULES).format(**told))
    metadata = where / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"{point} = {value}" for point, value in (points or {name: f"{package}.rules:department"}).items()]
    (metadata / "entry_points.txt").write_text("\n".join(["[backoffice.departments]", *lines, ""]))
    return where


SCRIPT = """
import json, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from backoffice.registry import departments, inboxes
from schemas.topics import Space, topics
from tests.office import Office
from warehouse_department.events import PalletDropped

office = Office().receives(("pallet/P-7", PalletDropped(metres=3)))
(alert,) = office.alerts().values()
print(json.dumps({
    "departments": [d.name for d in departments()],
    "topics": [t.name for t in topics(Space(), inboxes())],
    "firing": sorted(office.firing()),
    "alert": [alert.rule, alert.subject, alert.status, alert.labels["department"], alert.labels["severity"]],
    "told": [notice.about.subject for notice in office.notices()],
    "dead letters": len(office.dead_letters),
}))
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program says of a department that it has never heard of, in a process of its own."""
    where = installed(tmp_path_factory.mktemp("site-packages"), "warehouse_department", "warehouse")
    env = {**os.environ, "PYTHONPATH": f"{where}{os.pathsep}{ROOT}", "COLUMNS": "240"}
    backoffice = [sys.executable, "-m", "backoffice"]
    fell = ["--type", "warehouse.pallet.dropped", "--subject", "pallet/P-7", "--set", "metres=3"]
    commands = [
        [sys.executable, "-c", SCRIPT],
        [*backoffice, "rules", "list"],
        [*backoffice, "emit", "--list"],
        [*backoffice, "emit", "--dry-run", *fell],
    ]
    running = [
        subprocess.Popen(c, env=env, cwd=where, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for c in commands
    ]
    said = []
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        said.append(out)
    return {**json.loads(said[0]), "rules list": said[1], "event types": said[2], "dry run": said[3]}


def test_it_is_found_beside_ours(program: dict[str, Any]) -> None:
    assert program["departments"] == [
        "accounting",
        "finance",
        "front_office",
        "health",
        "hr",
        "it",
        "management",
        "manufacturing",
        "warehouse",
    ]


def test_its_rule_is_listed(program: dict[str, Any]) -> None:
    (line,) = [line for line in program["rules list"].splitlines() if line.startswith("warehouse.")]
    assert line.split() == ["warehouse.pallet_fell", "critical", "a", "pallet", "falls", "never", "by", "itself"]


def test_its_events_can_be_listed_and_emitted_by_the_command_line(program: dict[str, Any]) -> None:
    assert "warehouse.pallet.dropped" in program["event types"]
    assert program["dry run"] == "1 would be sent, 0 refused\n"


def test_it_has_an_inbox_and_a_changelog_in_the_topic_table(program: dict[str, Any]) -> None:
    assert "backoffice.events.warehouse" in program["topics"]
    assert "backoffice.changelog.warehouse" in program["topics"]


def test_its_alert_fires_and_is_routed(program: dict[str, Any]) -> None:
    assert program["firing"] == ["warehouse.pallet_fell"]
    assert program["alert"] == ["warehouse.pallet_fell", "pallet/P-7", "firing", "warehouse", "critical"]
    assert program["told"]
    assert program["told"][0].startswith("receiver/")
    assert program["dead letters"] == 0


@pytest.mark.parametrize("command", [["rules", "list"], ["run"], ["emit", "--list"], ["config", "check"]])
def test_a_broken_one_ends_a_command_with_a_line_that_names_it(tmp_path: Path, command: list[str]) -> None:
    where = installed(tmp_path, "quay_department", "quay", points={"quay": "quay_department.rules:nothing"})
    env = {**os.environ, "PYTHONPATH": f"{where}{os.pathsep}{ROOT}", "BACKOFFICE_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    line = [sys.executable, "-m", "backoffice", *command]
    done = subprocess.run(line, env=env, cwd=where, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("backoffice.departments: quay = quay_department.rules:nothing cannot be loaded: ")
    assert len(done.stderr.splitlines()) == 1


# Broken ones. Each has a package name of its own: modules stay imported.


def refused(monkeypatch: pytest.MonkeyPatch, where: Path) -> str:
    monkeypatch.syspath_prepend(str(where))
    with pytest.raises(DepartmentError) as caught:
        departments.__wrapped__()
    return str(caught.value)


def test_something_that_is_no_processor_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    points = {"yard": "yard_department.rules:not_a_processor"}
    assert refused(monkeypatch, installed(tmp_path, "yard_department", "yard", points=points)) == (
        "backoffice.departments: yard = yard_department.rules:not_a_processor is not a Processor"
    )


def test_an_inbox_that_is_not_its_own_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert refused(monkeypatch, installed(tmp_path, "dock_department", "dock", inbox="events.accounting")) == (
        "department dock: its inbox must be events.dock, not events.accounting"
    )


def test_a_name_that_another_package_has_taken_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(tmp_path, "gate_department", "gate")
    installed(tmp_path, "gates_department", "gate", points={"gates": "gates_department.rules:department"})
    assert refused(monkeypatch, tmp_path) == "two installed packages both provide a department named gate"


def test_a_name_of_ours_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert refused(monkeypatch, installed(tmp_path, "calling_department", "alerting")) == (
        "backoffice.departments: alerting: no department can be named alerting"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("nowhere_department.rules:department", "No module named 'nowhere_department'"),
        ("{package}.rules:departement", "has no attribute 'departement'"),
    ],
)
def test_one_that_cannot_be_loaded_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, words: str
) -> None:
    package = f"ramp{len(words)}_department"
    value = value.format(package=package)
    said = refused(monkeypatch, installed(tmp_path, package, "ramp", points={"ramp": value}))
    assert said.startswith(f"backoffice.departments: ramp = {value} cannot be loaded: ")
    assert words in said
