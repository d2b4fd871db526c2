"""What `make mutants` found: of the small changes to each department's rules, how many a test noticed.

python -m tests.mutants            the figures, by department
python -m tests.mutants hr         and the changes to one of them that nothing noticed
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

RULES = Path("mutants/processors")

SURVIVED, UNTESTED = 0, (5, 33)
"""How pytest ends when no test failed, and when no test calls the function. Any other way, one has noticed."""

Verdicts = dict[str, dict[str, int | None]]
"""By department: each change's name, and how the tests ended; None: not tried yet."""


def found(folder: Path = RULES) -> Verdicts:
    """What mutmut has kept. Raises FileNotFoundError when it has not run."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not there: run `make mutants` first")
    verdicts: Verdicts = {}
    for meta in sorted(folder.rglob("*.meta")):
        place = meta.relative_to(folder).parts
        name = place[1] if place[0] == "departments" and len(place) > 2 else place[0]
        verdicts.setdefault(name, {}).update(json.loads(meta.read_text())["exit_code_by_key"])
    return {name: codes for name, codes in verdicts.items() if codes}


def report(verdicts: Verdicts) -> Iterator[str]:
    """A table in Markdown, of the departments that were tried."""
    yield "| rules | changes | noticed | not noticed | no test | share |"
    yield "|---|---|---|---|---|---|"
    for name, codes in verdicts.items():
        ends = Counter(_kind(code) for code in codes.values() if code is not None)
        tried = sum(ends.values())
        if tried:
            share = f"{100 * ends['noticed'] / tried:.1f} %"
            yield f"| {name} | {tried} | {ends['noticed']} | {ends['survived']} | {ends['untested']} | {share} |"


def _kind(code: int) -> str:
    if code in UNTESTED:
        return "untested"
    return "survived" if code == SURVIVED else "noticed"


def main() -> None:
    """Prints the figures; with a department's name, its survivors, for `mutmut show`."""
    verdicts = found()
    lines = [*report(verdicts)]
    for name in sys.argv[1:]:
        lines += [key for key, code in verdicts.get(name, {}).items() if code is not None and _kind(code) != "noticed"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
