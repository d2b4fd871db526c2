"""The state files: which broker of ours runs, or ran last, so that the next command finds it again."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from infra.broker.home import BrokerHome
from infra.broker.model import Broker


def remember(home: BrokerHome, broker: Broker) -> None:
    row = asdict(broker) | {"logs": str(broker.logs) if broker.logs else None}
    write_json(home.state, row)


def recall(home: BrokerHome) -> Broker | None:
    """The broker that was started and not stopped. Whether it still runs is another question."""
    return _read(home.state)


def last(home: BrokerHome) -> Broker | None:
    """The broker that was started last, stopped or not."""
    return _read(home.state) or _read(home.previous)


def set_aside(home: BrokerHome) -> None:
    """The broker has been stopped; its data stay, and so does the knowledge of where they are."""
    if home.state.exists():
        home.state.replace(home.previous)


def forget(home: BrokerHome) -> None:
    home.state.unlink(missing_ok=True)
    home.previous.unlink(missing_ok=True)


def _read(path: Path) -> Broker | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        logs = row.pop("logs")
        return replace(Broker(**row, logs=Path(logs) if logs else None), started_here=False)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # never started, or written by another version: nothing to rely on


def write_json(path: Path, value: Any) -> None:
    """Write the whole file or none of it: a reader may come, or the machine go, at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
