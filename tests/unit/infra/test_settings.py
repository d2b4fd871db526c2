"""The broker's settings, as a properties file and as the environment of the official image."""

from pathlib import Path

from infra.broker.settings import LARGEST_RECORD, as_environment, settings, write_properties
from schemas.topics import DEAD_LETTER_MAX_BYTES

VALUES = settings("PLAINTEXT://:9092", "PLAINTEXT://localhost:20000", "localhost:9093", "/data")


def test_a_dead_letter_fits_and_so_does_its_copy_to_another_broker() -> None:
    assert int(VALUES["message.max.bytes"]) == int(VALUES["replica.fetch.max.bytes"]) == LARGEST_RECORD
    assert LARGEST_RECORD > DEAD_LETTER_MAX_BYTES


def test_one_node_asks_for_no_copies() -> None:
    copies = {key: value for key, value in VALUES.items() if key.endswith(("replication.factor", "min.isr"))}
    assert len(copies) == 6
    assert set(copies.values()) == {"1"}


def test_the_image_reads_foo_bar_from_kafka_foo_bar() -> None:
    environment = as_environment(VALUES)
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://localhost:20000"
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert len(environment) == len(VALUES)


def test_a_properties_file_keeps_backslashes_and_umlauts(tmp_path: Path) -> None:
    write_properties(tmp_path / "p", {"log.dirs": "C:\\Büro"})
    assert (tmp_path / "p").read_text() == "log.dirs=C:\\\\B\\u00fcro\n"
