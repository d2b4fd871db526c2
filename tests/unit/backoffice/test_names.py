"""Our top-level packages have plain names: no distribution installed beside us may bring the same."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

OURS = ("backoffice", "consumers", "infra", "processors", "producers", "schemas")


def test_no_installed_distribution_supplies_a_package_of_our_names() -> None:
    supplied = packages_distributions()
    others = {name: set(supplied.get(name, ())) - {"backoffice"} for name in OURS}
    assert others == {name: set() for name in OURS}


def test_these_are_all_the_packages_that_we_ship() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    shipped = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(name.rstrip("*") for name in shipped) == sorted(OURS)
