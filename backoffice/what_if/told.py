"""A difference as JSON has it, and in words."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from backoffice.what_if.difference import Difference, Moved
from backoffice.what_if.episodes import Episode
from processors.instants import in_words


def as_json(difference: Difference) -> dict[str, Any]:
    """Everything: counts by rule, and each alert that was added, removed or moved."""
    return {
        "rules": by_rule(difference),
        "added": [_episode(episode) for episode in difference.added],
        "removed": [_episode(episode) for episode in difference.removed],
        "moved": [_moved(moved) for moved in difference.moved],
    }


COUNTS = ("before", "after", "added", "removed", "moved")
"""What is counted of each rule."""


def by_rule(difference: Difference) -> dict[str, dict[str, int]]:
    """The counts of each rule that fired in either world."""
    moved = [each.after for each in difference.moved]
    listed = [Counter(e.identity.rule for e in found) for found in (difference.added, difference.removed, moved)]
    counts = (difference.before, difference.after, *listed)
    return {rule: {name: count[rule] for name, count in zip(COUNTS, counts, strict=True)} for rule in difference.rules}


def in_a_line(episode: Episode) -> str:
    """Which alert, how bad, and from when to when."""
    return f"{what(episode)}: {episode.severity}, {_span(episode)}"


def what(episode: Episode) -> str:
    """The rule and its subject, with what distinguishes it."""
    identity = episode.identity
    labels = ", ".join(f"{name} {value}" for name, value in identity.labels)
    return f"{identity.rule} of {identity.subject}" + (f" ({labels})" if labels else "")


def how(moved: Moved) -> str:
    """What is another: `begins 2 d 0 h later, ends never, error instead of warning`."""
    before, after = moved
    said = {
        "starts": f"begins {_later(before.starts, after.starts)}",
        "ends": f"ends {_later(before.ends, after.ends)}",
        "severity": f"{after.severity} instead of {before.severity}",
    }
    return ", ".join(said[name] for name in moved.what)


def _later(before: datetime | None, after: datetime | None) -> str:
    if after is None:
        return "not at all"
    if before is None:
        return f"at {after:%Y-%m-%d %H:%M:%S}"
    span = abs(after - before)
    said = in_words(span) if span >= timedelta(minutes=1) else f"{span.total_seconds():.0f} s"
    return f"{said} {'later' if after > before else 'earlier'}"


def _span(episode: Episode) -> str:
    ends = f"until {episode.ends:%Y-%m-%d %H:%M:%S}" if episode.ends else "and goes on"
    return f"from {episode.starts:%Y-%m-%d %H:%M:%S} {ends}"


def _episode(episode: Episode) -> dict[str, Any]:
    identity = episode.identity
    return {
        "fingerprint": identity.fingerprint,
        "rule": identity.rule,
        "subject": identity.subject,
        "identity": dict(identity.labels),
        "severity": episode.severity,
        "starts_at": _instant(episode.starts),
        "ends_at": _instant(episode.ends),
        "summary": episode.summary,
    }


def _moved(moved: Moved) -> dict[str, Any]:
    before, after = map(_episode, moved)
    times = ("severity", "starts_at", "ends_at")
    return {
        **{name: value for name, value in after.items() if name not in times},
        "what": list(moved.what),
        "before": {name: before[name] for name in times},
        "after": {name: after[name] for name in times},
    }


def _instant(at: datetime | None) -> str | None:
    """As JSON has it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
