"""`backoffice lookup`, `report` and `reporter` against a broker: looked up, counted, mailed once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from producers.client import Client
from schemas.accounting import InvoiceApproved
from schemas.front_office import ComplaintReceived
from schemas.topics import Space
from tests.chaos.spaces import own_space
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records
from tests.unit.notify.mailbox import Mailbox, receiving

pytestmark = pytest.mark.kafka

CONFIGURATION = """
space: {space}
archive: {{url: "sqlite:///{archive}"}}
reports:
  mails:
    - name: weekly
      reports: [complaints, noise]
      at: "00:00"
      mail: {{to: [board@example.com], from: office@example.com, smarthost: "{smarthost}", tls: none}}
"""


class Place:
    """A space with something said in it, a mailbox, and a configuration."""

    def __init__(self, bootstrap: str, space: Space, home: Path, box: Mailbox) -> None:
        self.bootstrap, self.space, self.home, self.box = bootstrap, space, home, box
        self.config = home / "backoffice.yaml"
        text = CONFIGURATION.format(space=space.name, archive=home / "archive.db", smarthost=box.server)
        self.config.write_text(text)

    def runs(self, *command: str) -> Any:
        return backoffice(self.bootstrap, self.home, *command, "--config", str(self.config))

    def audit(self, type: str) -> list[dict[str, Any]]:
        said = [json.loads(one.value or b"{}") for one in records(self.bootstrap, self.space.topic("audit"))]
        return [one for one in said if one["type"] == type]


@pytest.fixture(scope="module")
def place(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    space = own_space(bootstrap, "lookup", replay=False, partitions=2)
    with Client(bootstrap, space) as client:
        client.send(InvoiceApproved(invoice="R-1", approver="hugo-9"), "vendor/acme", source="/tests").result(30)
        complaint = ComplaintReceived(received_at=datetime.now(UTC), product="Loan", customer="CU-1")
        client.send(complaint, "complaint/C-1", source="/tests").result(30)
    with receiving() as box:
        yield Place(bootstrap, space, tmp_path_factory.mktemp("lookup"), box)


@pytest.fixture(scope="module")
def archived(place: Place) -> Iterator[Place]:
    command = ("archive", "run", "--config", str(place.config))
    with running(place.bootstrap, place.home, *command, log="archive"):
        eventually(lambda: place.runs("report", "complaints", "-o", "json").stdout, lambda out: '"Loan"' in out, 120)
        yield place


def test_a_look_without_an_archive_reads_the_topics_and_masks_and_is_on_record(place: Place) -> None:
    looked = place.runs("lookup", "vendor/acme", "--by", "dana", "--why", "a call", "-o", "json")
    assert looked.returncode == 0, looked.stderr
    (event,) = json.loads(looked.stdout)["events"]
    assert event["data"]["approver"] == "[personal]"
    assert "hugo-9" not in looked.stdout
    (viewed,) = [one for one in place.audit("audit.record.viewed") if one["subject"] == "person/dana"]
    assert viewed["data"] == {
        "on": "vendor/acme",
        "why": "a call",
        "masked": ["personal", "medical"],
        "by_way_of": "command line",
    }


def test_what_nobody_knows_is_said_and_the_look_is_on_record_all_the_same(place: Place) -> None:
    looked = place.runs("lookup", "vendor/nobody", "--by", "kim")
    assert looked.returncode == 1
    assert "Nothing is known of vendor/nobody" in looked.stderr
    assert [one["data"]["on"] for one in place.audit("audit.record.viewed") if one["subject"] == "person/kim"] == [
        "vendor/nobody"
    ]


def test_what_is_no_subject_is_refused_and_leaves_no_record(place: Place) -> None:
    looked = place.runs("lookup", "unicorn/1", "--by", "lee")
    assert looked.returncode == 2
    assert "nothing is known of any unicorn" in looked.stderr
    assert [one for one in place.audit("audit.record.viewed") if one["subject"] == "person/lee"] == []


def test_a_report_counts_and_lists_what_it_counts(archived: Place) -> None:
    shown = archived.runs("report", "complaints")
    assert shown.returncode == 0, shown.stderr
    assert "Complaints by cause" in shown.stdout
    listed = archived.runs("report", "complaints", "--records", "received", "--group", "Loan", "-o", "json")
    assert [one["subject"] for one in json.loads(listed.stdout)] == ["complaint/C-1"]


def test_a_look_with_an_archive_finds_the_same(archived: Place) -> None:
    looked = json.loads(archived.runs("lookup", "vendor/acme", "-o", "json").stdout)
    assert [event["data"] for event in looked["events"]] == [
        {"invoice": "R-1", "approver": "[personal]", "approver_limit": None}
    ]


def test_a_report_is_mailed_once_however_often_the_reporter_is_started(archived: Place) -> None:
    sent = [archived.runs("reporter", "--once") for _ in range(2)]
    assert [one.returncode for one in sent] == [0, 0], sent[0].stderr
    assert ["1 mails sent" in one.stderr for one in sent] == [True, False]
    (mail,) = archived.box.mails
    assert mail["To"] == "board@example.com"
    (record,) = archived.audit("audit.report.sent")
    assert record["subject"] == "report/weekly"
    assert record["data"]["reports"] == ["complaints", "noise"]


def test_there_is_no_report_without_an_archive(place: Place, tmp_path: Path) -> None:
    refused = backoffice(place.bootstrap, tmp_path, "report", "noise", "--space", "nobodys")
    assert refused.returncode == 2
    assert "nothing has been archived yet" in refused.stderr
