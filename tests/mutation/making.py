"""Makes the changes: a copy of the code under `mutants/` in which each function of a rule stands in many variants."""

import ast
import difflib
import hashlib
import importlib
import json
import re
import shutil
import textwrap
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TREE = Path("mutants")
CHANGES = TREE / "changes.json"
CHANGED = ("processors/departments", "processors/correlation")
COPIED = ("processors", "schemas", "producers", "consumers", "infra", "backoffice", "tests", "docs")

_TEXT = re.compile(r'"([^"\n]*)"')
_MARK = "  # type: ignore # mutmut generated"
_VARIANT = re.compile(r"(x\w+)__mutmut_(orig|\d+)$")


@dataclass(frozen=True)
class Change:
    """One function, changed in one place."""

    name: str
    """With its module, as the switch is called."""
    function: str
    key: str
    """A hash of the function and of its variant: a change is the same as long as both are."""
    lines: list[str]
    """What is changed, as a diff says it."""
    part: str
    """The department, or `correlation`, or what departments share."""


def make(parts: Collection[str] = ()) -> list[Change]:
    """Writes the copy, and says what is changed in it; in these parts only, when some are named. Needs mutmut."""
    for folder in COPIED:
        shutil.copytree(folder, TREE / folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("pyproject.toml", TREE)
    files = (file for folder in CHANGED for file in sorted(Path(folder).rglob("*.py")))
    changes = [change for file in files if not parts or _part(file) in parts for change in _change(file)]
    CHANGES.write_text(json.dumps([asdict(change) for change in changes]))
    return changes


def made() -> list[Change]:
    """What was made. Raises FileNotFoundError before that."""
    return [Change(**change) for change in json.loads(CHANGES.read_text())]


def _change(file: Path) -> Iterator[Change]:
    code = _mutated(file)
    (TREE / file).write_text(code)
    module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
    variants = _variants(code)
    for (function, which), text in variants.items():
        before = variants[function, "orig"]
        if _wordless(text) == _wordless(before):
            continue  # itself, or other words in a sentence for people, which are no other behaviour
        key = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()[:16]
        name = f"{module}.{function}__mutmut_{which}"
        yield Change(name, f"{module}.{function}", key, _diff(before, text), _part(file))


def _mutated(file: Path) -> str:
    """With all its variants. They take seconds to make, so they are kept for as long as the file stays as it is."""
    text = file.read_text()
    kept = TREE / "kept" / f"{hashlib.sha256(text.encode()).hexdigest()}.py"
    if not kept.exists():
        mutmut: Any = importlib.import_module("mutmut.mutation.file_mutation")
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(mutmut.mutate_file_contents(str(file), text).code)
    return kept.read_text()


def _part(file: Path) -> str:
    kind, *inside = file.parts[1:]
    return inside[0] if kind == "departments" and len(inside) > 1 else kind


def _variants(code: str) -> dict[tuple[str, str], str]:
    """The text of each function's variants, without its name; `orig` is the one that is not changed."""
    lines = code.splitlines()
    found = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef) and (variant := _VARIANT.match(node.name)):
            text = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
            found[variant[1], variant[2]] = text.replace(node.name, variant[1], 1).replace(_MARK, "")
    return found


def _wordless(code: str) -> str:
    """Without what its sentences say; a single word may well be the name of something."""
    return _TEXT.sub(lambda text: '" "' if " " in text[1] else text[0], code)


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]
