"""Questions of what if for the console: `backoffice what-if` as a child process, so that nothing else waits for it."""

import asyncio
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from consumers.console.trying import Count, Found, Trial, TrialError
from schemas.topics import Space

CUT = 3
"""Its exit code when the log does not go back to the beginning."""

EXAMPLES = 5
"""Of each sort."""

AT_ONCE = 1
"""Each takes the cores it gets: who asks meanwhile waits."""


class Asking:
    """A `consumers.console.trying.Trying`."""

    def __init__(self, bootstrap_servers: str, space: Space) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._space = space
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def ask(self, trial: Trial) -> Found:
        """Raises TrialError."""
        async with self._turn:
            with tempfile.TemporaryDirectory(prefix="backoffice-trial-") as folder:
                return await self._asked(trial, Path(folder))

    async def _asked(self, trial: Trial, folder: Path) -> Found:
        rules, plot = folder / "changed.yaml", folder / "plot.svg"
        _write(trial, rules)
        arguments = ["--space", self._space.name, "--rules", str(rules), "--rule", trial.rule, "--plot", str(plot)]
        for option, value in (("--from", trial.begin), ("--to", trial.end)):
            arguments += [option, value] if value else []
        said, errors, code = await self._run([*arguments, "--output", "json", "--processes", "1"])
        if code not in (0, CUT):
            raise TrialError(errors.strip() or f"it ended with {code}")
        return _found(json.loads(said), plot.read_text(encoding="utf-8"))

    async def _run(self, arguments: list[str]) -> tuple[str, str, int]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "backoffice",
            "what-if",
            *arguments,
            env={**os.environ, "BACKOFFICE_BOOTSTRAP_SERVERS": self._bootstrap_servers, "COLUMNS": "400"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, errors = await process.communicate()
        finally:
            if process.returncode is None:  # given up
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        return said.decode(), errors.decode(errors="replace"), process.returncode or 0


def _write(trial: Trial, file: Path) -> None:
    """The changed settings as a configuration file. Raises TrialError for a value that is no YAML."""
    yaml = YAML(typ="safe")
    try:
        values = {name: yaml.load(value) for name, value in trial.changed.items()}
    except YAMLError as error:
        raise TrialError(f"a value cannot be read: {error}") from error
    with file.open("w", encoding="utf-8") as out:
        yaml.dump({"rules": {trial.settings_of: values}}, out)


def _found(document: dict[str, Any], plot: str) -> Found:
    return Found(
        counts=tuple(Count(rule, **counts) for rule, counts in document["rules"].items()),
        examples=tuple(
            f"{sort}: {each['summary'] or each['rule']} ({each['subject']})"
            for sort in ("added", "removed", "moved")
            for each in document[sort][:EXAMPLES]
        ),
        plot=plot,
        cut=tuple(document["cut"]),
        records=document["records_folded"],
        seconds=document["seconds"],
    )
