"""Where a space's archive is, and that its address is shown to nobody."""

from pathlib import Path

import pytest

from backoffice import archiving
from backoffice.config import Configuration, ConfigurationError
from backoffice.config.load import load
from backoffice.config.show import effective
from consumers.archive.databases.base import NotOpened
from schemas.topics import Space

LIVE = Space("office")


def configuration(home: Path, text: str) -> Configuration:
    file = home / "backoffice.yaml"
    file.write_text(f"space: {LIVE.name}\narchive: {text}\n")
    return load(file, {})


def test_without_an_address_each_space_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path))
    found = configuration(tmp_path, "{}")
    assert archiving.url(found, LIVE, {}) == f"sqlite:///{tmp_path}/archive/office.db"
    assert archiving.url(found, Space("demo"), {}) == f"sqlite:///{tmp_path}/archive/demo.db"


def test_the_address_is_that_of_the_configured_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path))
    found = configuration(tmp_path, "{url: 'postgresql://backoffice:${PASSWORD}@db/archive'}")
    assert archiving.url(found, LIVE, {"PASSWORD": "s3cret"}) == "postgresql://backoffice:s3cret@db/archive"
    assert archiving.url(found, Space("demo"), {}).endswith("/archive/demo.db"), "a demo is nothing for that database"
    with pytest.raises(NotOpened, match="PASSWORD is not set"):
        archiving.url(found, LIVE, {})


def test_the_address_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "archive.url").write_text("postgresql://db/archive\n")
    found = configuration(tmp_path, "{url_file: archive.url}")
    assert archiving.url(found, LIVE, {}) == "postgresql://db/archive"
    with pytest.raises(ConfigurationError, match="give one of url and url_file"):
        configuration(tmp_path, "{url_file: archive.url, url: 'sqlite:////x.db'}")


def test_an_address_is_shown_to_nobody(tmp_path: Path) -> None:
    shown = effective(configuration(tmp_path, "{url: 'postgresql://backoffice:s3cret@db/archive'}"), {})
    assert "s3cret" not in shown
    assert "url: (hidden)" in shown
    assert "audit: 3653" in shown


def test_retention_is_in_days_of_one_or_more(tmp_path: Path) -> None:
    found = configuration(tmp_path, "{retention_days: {audit: null, events: 1}}").archive.retention_days
    assert (found.days()["audit"], found.days()["events"], found.days()["alert_states"]) == (None, 1, 3_653)
    with pytest.raises(ConfigurationError, match=r"retention_days\.events"):
        configuration(tmp_path, "{retention_days: {events: 0}}")
