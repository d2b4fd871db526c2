"""`backoffice routes` of our own configuration. Beside amtool: `tests/alertmanager`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backoffice.cli import app

CONFIGURATION = """
alerting:
  route:
    receiver: office
    routes:
      - {matchers: ['severity=~"error|critical"'], receiver: on-call, continue: true}
      - matchers: ['department="it"']
        routes: [{matchers: ['service="vpn"'], receiver: network}]
  receivers: [{name: office}, {name: on-call}, {name: network}]
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKOFFICE_CONFIG", raising=False)


def routes(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["routes", *arguments])


def test_without_a_configuration_it_is_the_built_in_tree() -> None:
    assert routes("test", "department=it", "severity=critical").stdout == "it-manager,it-clerk\n"
    assert '{severity="info"}  receiver: it-clerk' in routes().stdout


def test_the_tree_of_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "backoffice.yaml").write_text(CONFIGURATION)
    assert routes("show").stdout.splitlines() == [
        "Routing tree:",
        ".",
        "└── default-route  receiver: office",
        '    ├── {severity=~"error|critical"}  continue: true  receiver: on-call',
        '    └── {department="it"}  receiver: office',
        '        └── {service="vpn"}  receiver: network',
        "",
    ]
    assert routes("show").stdout == routes().stdout == routes("--config", "backoffice.yaml", "show").stdout


def test_the_way_of_an_alert_through_it(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(CONFIGURATION)
    done = routes("test", "--config", "ours.yaml", "--tree", "severity=error", "department=it", "service=vpn")
    assert done.stdout.splitlines() == [
        "Matching routes:",
        ".",
        "└── default-route",
        '    ├── {severity=~"error|critical"}  receiver: on-call',
        '    └── {department="it"}',
        '        └── {service="vpn"}  receiver: network',
        "",
        "",
        "on-call,network",
    ]


@pytest.mark.parametrize(("wanted", "code"), [("on-call,network", 0), ("network,on-call", 1), ("on-call", 1)])
def test_receivers_are_expected_in_their_order(tmp_path: Path, wanted: str, code: int) -> None:
    (tmp_path / "backoffice.yaml").write_text(CONFIGURATION)
    done = routes("test", "--verify.receivers", wanted, "severity=error", "department=it", "service=vpn")
    assert done.exit_code == code
    assert ("WARNING: Expected receivers did not match" in done.stdout) is bool(code)


def test_a_configuration_that_is_wrong_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "backoffice.yaml").write_text("alerting: {route: {}}\n")
    done = routes("test", "a=b")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "alerting.route: has no receiver" in done.stderr
