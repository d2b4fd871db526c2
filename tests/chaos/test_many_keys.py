"""Many keys on disk: an event costs the same among ten million, memory does not grow, and a restart reads little."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.chaos.custom_worker import ROOT
from tests.chaos.forms import pick

DEVICES = pick(10_000, 10_000_000)
MEMORY_MIB = 1_024
COLD = 100_000
"""Devices of which few are decoded in memory. Among more than these, a row also comes from a block that has to be read
and decompressed; beyond that the cost must not grow."""


def devices(*arguments: str) -> list[dict[str, Any]]:
    """Runs the program, in a process of its own: its memory counts."""
    command = [sys.executable, "-m", "tests.chaos.devices", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_event_costs_the_same_among_many_keys_and_a_restart_reads_little(
    tmp_path: Path, report: dict[str, Any]
) -> None:
    grown = devices("grow", str(tmp_path / "0"), str(DEVICES))
    (again,) = devices("reopen", str(tmp_path / "0"))
    report |= {"grown": grown, "again": again}
    assert max(each["rss_mib"] for each in grown) < MEMORY_MIB
    cost = {each["devices"]: each["cpu_us_per_event"] for each in grown}
    assert all(cost[n] < 3 * cost[COLD] for n in cost if n > COLD), cost
    assert grown[-1]["waiting"] == again["waiting"] == DEVICES, "each has a deadline"
    assert again["passed"] == DEVICES - again["left"] > 0
    assert again["in_order"]
    assert again["rss_mib"] - again["rss_mib_before"] < 128, "a restart reads no more than it needs"
