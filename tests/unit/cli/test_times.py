"""Spans and instants on a command line."""

from datetime import UTC, datetime, timedelta

import pytest
import typer

from backoffice.cli.times import span, until

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "lasts"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("1h30m", timedelta(minutes=90)),
        (" 2 d ", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("", None),
        ("h", None),
        ("2", None),
        ("2h more", None),
        ("-2h", None),
        ("1.5h", None),
    ],
)
def test_a_span(text: str, lasts: timedelta | None) -> None:
    assert span(text) == lasts


def test_until_when() -> None:
    assert until(NOW, None, None) is None
    assert until(NOW, "2h", None) == NOW + timedelta(hours=2)
    assert until(NOW, "366d", None) == NOW + timedelta(days=366)
    assert until(NOW, None, "2026-01-05T10:00+01:00") == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("for_", "until_", "said"),
    [
        ("2h", "2026-01-05", "Give --for or --until, not both."),
        ("0s", None, "--for '0s': give 30m"),
        ("367d", None, "at most 366 days"),
        ("soon", None, "--for 'soon': give 30m"),
        (None, "tomorrow", "--until 'tomorrow': give an ISO time"),
        (None, "0001-01-01T00:00+14:00", "give an ISO time"),
    ],
)
def test_what_cannot_be_understood(
    for_: str | None, until_: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        until(NOW, for_, until_)
    assert ended.value.exit_code == 2
    assert said in capsys.readouterr().err
