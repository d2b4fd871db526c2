"""The documents say what is so: links resolve, commands exist, and the code in them runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import typer.main

from backoffice import mappings
from backoffice.cli import app
from backoffice.cli.config import registry
from backoffice.config import alertmanager, load
from consumers.notify.trying import tried

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
GUIDE = ROOT / "docs" / "adding-a-department.md"
FOLDERS = ("schemas", "producers", "processors", "consumers", "infra", "backoffice")

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OURS = re.compile(rf"({'|'.join((*FOLDERS, 'tests', 'docs', 'benchmarks'))})/[\w./-]*")
NEW_FILE = re.compile(r"^## [^\n]*`([\w/.]+)`\n.*?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

EVERY = pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)


def blocks(document: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(document.read_text()) if language in languages]


def inline(document: Path) -> list[str]:
    return INLINE.findall(BLOCK.sub("", document.read_text()))


def typed(document: Path, program: str) -> Iterator[list[str]]:
    """The words of every command line of a program: in shell blocks, and between backticks."""
    lines = [line for block in blocks(document, "sh") for line in block.replace("\\\n", " ").splitlines()]
    for line in (*lines, *inline(document)):
        if not line.removeprefix(".venv/bin/").startswith(f"{program} "):
            continue
        words = shlex.split(line, comments=True)[1:]
        yield words[: words.index("|")] if "|" in words else words


def given(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    return dict(pattern.findall(text))


@EVERY
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(BLOCK.sub("", document.read_text())):
        path, _, heading = target.partition("#")
        if path.startswith(("http:", "https:")):
            continue
        found = document.parent / path if path else document
        assert found.exists(), target
        assert not heading or heading in _anchors(found), target


def _anchors(document: Path) -> set[str]:
    """As the common renderers make them of headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY
def test_every_command_that_is_shown_exists(document: Path) -> None:
    for words in typed(document, "backoffice"):
        command: Any = typer.main.get_command(app)
        while words and hasattr(command, "commands"):
            if words[0].startswith("-"):
                break  # an option of the group itself
            assert words[0] in command.commands, f"there is no command {words[0]!r} in: {words}"
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            name = word.partition("=")[0]
            assert not name.startswith("-") or name in {*options, "--help"}, f"{command.name} has no {name}"


@EVERY
def test_every_event_that_is_emitted_would_be_sent(document: Path) -> None:
    for words in typed(document, "backoffice"):
        if words[:1] == ["emit"] and "--type" in words:
            command = [sys.executable, "-m", "backoffice", *words, "--dry-run"]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr


@EVERY
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in typed(document, "make"):
        assert {word for word in words if "=" not in word} <= targets, words


@EVERY
def test_every_file_of_ours_that_is_named_exists(document: Path) -> None:
    new = given(NEW_FILE, GUIDE.read_text())
    for words in inline(document):
        if OURS.fullmatch(words) and words not in new:
            assert (ROOT / words).exists(), words


@EVERY
def test_every_environment_variable_that_is_named_is_read_somewhere(document: Path) -> None:
    code = "".join(path.read_text() for folder in (*FOLDERS, "tests") for path in (ROOT / folder).rglob("*.py"))
    for name in re.findall(r"BACKOFFICE_[A-Z_]+", document.read_text()):
        assert f'"{name}"' in code, name


@EVERY
def test_every_configuration_that_is_shown_is_valid(document: Path, tmp_path: Path) -> None:
    for text in blocks(document, "yaml"):
        file = tmp_path / "backoffice.yaml"
        file.write_text(text)
        if text.startswith("name:"):  # not a configuration but a mapping
            mappings.load(file)
        elif text.startswith("# alertmanager.yml\n"):  # a file beside the configurations that follow
            alertmanager.read(Path(file.replace(tmp_path / "alertmanager.yml").name), tmp_path)
        else:
            load(file, registry())


@EVERY
def test_every_template_that_is_shown_works(document: Path) -> None:
    for text in blocks(document, "jinja"):
        tried(text)


def test_the_folders_are_those_that_there_are() -> None:
    said = set(re.findall(r"^(\w+)/ ", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert set(FOLDERS) <= said
    assert not {name for name in said if not (ROOT / name).is_dir()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_other_distribution_supplies_a_package_of_ours(folder: str) -> None:
    assert packages_distributions()[folder] == ["backoffice"]


def run(where: Path, path: str, *arguments: str) -> str:
    """What a Python module says when it is run in a folder, with these places to import from. It must succeed."""
    command = [sys.executable, "-m", *arguments]
    env = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout


def passed(said: str) -> int:
    found = re.search(r"(\d+) passed", said)
    assert found, said
    return int(found[1])


def the_ninth_department() -> dict[str, str]:
    """The files of the guide: one that says, one that rules, one that tests."""
    files = given(NEW_FILE, GUIDE.read_text())
    assert list(files) == [
        "schemas/legal.py",
        "processors/departments/legal.py",
        "tests/unit/departments/test_legal.py",
    ]
    return files


def test_the_ninth_department_of_the_guide_passes_its_tests_in_this_repository(tmp_path: Path) -> None:
    """In a copy of it, with its files where the guide says and its entry point installed."""
    for folder in (*FOLDERS, "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    files = the_ninth_department()
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    installed = blocks(GUIDE, "toml")[0]
    told = tmp_path / "legal-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: legal\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(re.sub(r'"', "", installed.replace("project.entry-points.", "")))
    its_test = list(files)[2]
    said = run(tmp_path, str(tmp_path), "pytest", "-q", its_test)
    assert passed(said) == len(re.findall(r"^def test_", files[its_test], re.MULTILINE))


def test_the_ninth_department_of_the_guide_works_from_a_package_of_its_own(tmp_path: Path) -> None:
    """Installed by pip from outside this repository, it passes its tests and the contract suite like one of ours."""
    text = GUIDE.read_text()
    package, site = tmp_path / "legal-department", tmp_path / "site-packages"
    renamed = dict(re.findall(r"^\| `([\w/]+\.py)` \| `([\w/]+\.py)` \|$", text, re.MULTILINE))
    files = the_ninth_department()
    assert set(renamed) == set(files)
    for name, code in files.items():
        for old, new in renamed.items():
            code = code.replace(f"from {_module(old)} import", f"from {_module(new)} import")
        (package / renamed[name]).parent.mkdir(parents=True, exist_ok=True)
        (package / renamed[name]).write_text(code)
    (package / "legal_department" / "__init__.py").touch()
    (package / "pyproject.toml").write_text(blocks(GUIDE, "toml")[1])
    pip = ("pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site), ".")
    run(package, "", *pip, "--disable-pip-version-check", "--root-user-action", "ignore")

    here = os.pathsep.join((str(site), str(ROOT)))
    assert "legal.notice_period_missed" in run(package, here, "backoffice", "rules", "list", "--department", "legal")
    its_test = list(files)[2]
    own = run(package, here, "pytest", "-q", "--import-mode=importlib", renamed[its_test])
    assert passed(own) == len(re.findall(r"^def test_", files[its_test], re.MULTILINE))
    contract = run(ROOT, here, "pytest", "-q", "-k", "legal", "tests/contract/test_departments.py")
    assert passed(contract) > 10


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
