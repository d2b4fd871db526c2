"""Changes the rules in thousands of small ways, and says how many of these some test notices.

python -m tests.mutation                     every change that was not noticed before, and the figures
python -m tests.mutation hr it               of these departments
python -m tests.mutation hr --sample 300     300 of each, always the same ones
python -m tests.mutation hr --untried        without those that have survived before
python -m tests.mutation hr --show           tries none: those that survived, and what they change
"""

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from tests.mutation.making import TREE, Change, made, make

VERDICTS = TREE / "verdicts.jsonl"


def main() -> None:
    options = _options()
    sys.path.append(str(Path(".mutmut").resolve()))
    parts = _parts(made() if options.show else make(options.parts), options.sample)
    if unknown := set(options.parts) - parts.keys():
        sys.exit(f"nothing to change in: {', '.join(sorted(unknown))}")
    done = ("noticed", "survived", "untested") if options.untried else ("noticed",)
    for part in () if options.show else options.parts or parts:
        known = verdicts()
        _try(part, [change for change in parts[part] if known.get(change.key) not in done])
    lines, known = [*table(parts, verdicts())], verdicts()
    for part in options.parts if options.show else ():
        lines += [line for change in parts[part] for line in _survivor(change, known.get(change.key, ""))]
    sys.stdout.write("\n".join(lines) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", help="departments, or correlation; all when none is named")
    parser.add_argument("--sample", type=int, help="try so many of each")
    parser.add_argument("--untried", action="store_true", help="leave out what has survived before")
    parser.add_argument("--show", action="store_true", help="only tell what survived")
    return parser.parse_args()


def _parts(changes: Iterable[Change], sample: int | None) -> dict[str, list[Change]]:
    parts = defaultdict(list)
    for change in sorted(changes, key=lambda change: sha256(change.name.encode()).digest()):
        parts[change.part].append(change)
    return {part: sorted(parts[part][:sample], key=lambda change: change.name) for part in sorted(parts)}


def _survivor(change: Change, verdict: str) -> list[str]:
    return ["", f"{change.name}: {verdict}", *change.lines] if verdict in ("survived", "untested") else []


def _tests_of(part: str) -> list[str]:
    """Those of the department. Whole logs take minutes, and ask nothing that the others do not."""
    if part == "correlation":
        return ["tests/unit/correlation"]
    folder = Path("tests/unit/departments")
    files = [file for pattern in (f"test_{part}*.py", "test_evidence.py") for file in sorted(folder.glob(pattern))]
    return [str(file) for file in files] if part != "departments" else [str(folder), "--ignore-glob=*test_real*"]


def _try(part: str, changes: list[Change]) -> None:
    """Tries them in the copy, and writes down each verdict as it comes."""
    if not changes:
        return
    keys = {change.name: change.key for change in changes}
    command = [sys.executable, "-m", "tests.mutation.trying", *_tests_of(part)]
    trying = subprocess.Popen(command, cwd=TREE, text=True, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert trying.stdin
    assert trying.stderr
    trying.stdin.write("".join(f"{change.name} {change.function}\n" for change in changes))
    trying.stdin.close()
    with VERDICTS.open("a") as file:
        for line in trying.stderr:
            name, _, verdict = line.rstrip("\n").partition(" ")
            if name not in keys:
                sys.stderr.write(line)
                continue
            file.write(json.dumps({"key": keys[name], "verdict": verdict}) + "\n")
            file.flush()
    if trying.wait():
        sys.exit("the tests do not pass as they are")


def verdicts() -> dict[str, str]:
    """What was found of each change, by its key: the latest."""
    if not VERDICTS.exists():
        return {}
    found = (json.loads(line) for line in VERDICTS.read_text().splitlines())
    return {each["key"]: each["verdict"] for each in found}


def table(parts: Mapping[str, Iterable[Change]], known: Mapping[str, str]) -> Iterator[str]:
    """In Markdown, those parts of which something was tried."""
    yield "| rules | changes tried | noticed | survived | no test | share noticed |"
    yield "|---|---|---|---|---|---|"
    for part, changes in parts.items():
        ends = Counter(known[change.key] for change in changes if change.key in known)
        if tried := sum(ends.values()):
            share = f"{100 * ends['noticed'] / tried:.1f} %"
            yield f"| {part} | {tried} | {ends['noticed']} | {ends['survived']} | {ends['untested']} | {share} |"


if __name__ == "__main__":
    main()
