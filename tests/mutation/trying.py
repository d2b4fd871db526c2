"""Tries changes, within the copy that `making` wrote: does a test fail when one of them is switched on?

The tests are collected and run once as they are, which also says which of them call which function. Then each change
is tried in a fork: the tests that call its function, the quick ones first, until one fails; and where none does, in
another fork with the evidence of their alerts looked at, too.
"""

import importlib
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, Phase, settings

Verdict = Literal["noticed", "survived", "untested"]

SWITCH = "MUTANT_UNDER_TEST"
LONGEST_S = 30
"""So many seconds of computing more than without the change are a loop without end, which counts as noticed."""

EVIDENCE = "explained"
"""The fixture that derives every alert again from its evidence: slow, so it is asked when nothing else has noticed."""

ORDERS = 5
"""Of a test that tells the same in a hundred orders, so many are asked."""


class Trying:
    """A pytest plugin: the main loop."""

    def __init__(self, wanted: Iterable[tuple[str, str]]) -> None:
        self.wanted = list(wanted)
        self.seconds: dict[str, float] = {}
        self.callers: dict[str, list[pytest.Item]] = defaultdict(list)
        self.proven: set[str] = set()
        """Tests that were held against the evidence of their alerts as they are, and passed."""
        self.in_fork = False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if _seed_of(item) < ORDERS]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        os.environ[SWITCH] = "stats"
        for item in session.items:
            self._watch(item)
        for name, function in self.wanted:
            tests = sorted(self.callers.get(function, ()), key=lambda item: self.seconds[item.nodeid])
            sys.stderr.write(f"{name} {self._try(name, tests)}\n")
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.in_fork and report.failed:
            os._exit(1)

    def _watch(self, item: pytest.Item) -> None:
        """Runs a test as it is, and writes down how long it takes and what it calls."""
        state: Any = importlib.import_module("mutmut.state").state()
        state._stats.clear()
        began = time.process_time()
        _run_as_it_is(item, evidence=False)
        self.seconds[item.nodeid] = time.process_time() - began
        for function in state._stats:
            self.callers[function].append(item)

    def _try(self, name: str, tests: list[pytest.Item]) -> Verdict:
        if not tests:
            return "untested"
        if self._fails(name, tests, evidence=False):
            return "noticed"
        for item in tests:
            if item.nodeid not in self.proven:
                _run_as_it_is(item, evidence=True)
                self.proven.add(item.nodeid)
        return "noticed" if self._fails(name, tests, evidence=True) else "survived"

    def _fails(self, name: str, tests: list[pytest.Item], *, evidence: bool) -> bool:
        """Whether one of them fails with the change switched on."""
        child = os.fork()
        if child == 0:
            self._forked(name, tests, evidence)
        _, status = os.waitpid(child, 0)
        return status != 0

    def _forked(self, name: str, tests: list[pytest.Item], evidence: bool) -> None:
        """In the child: ends it, with 0 when no test fails."""
        self.in_fork = True
        os.environ[SWITCH] = name
        tests[0].config.pluginmanager.unregister(name="terminalreporter")
        limit = round(LONGEST_S + 5 * sum(self.seconds[item.nodeid] for item in tests) * (4 if evidence else 1))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
        ended = 1
        try:
            for item in tests:
                _run(item, evidence=evidence)
            ended = 0
        finally:  # whatever it was
            os._exit(ended)


def _seed_of(item: pytest.Item) -> int:
    """Which order a test is told in, where it is told in many; else 0."""
    seed = _params(item).get("seed", 0)
    return seed if isinstance(seed, int) else 0


def _params(item: pytest.Item) -> dict[str, Any]:
    return getattr(getattr(item, "callspec", None), "params", {})


def _run_as_it_is(item: pytest.Item, *, evidence: bool) -> None:
    _run(item, evidence=evidence)
    if item.session.testsfailed:
        raise item.session.Failed(f"{item.nodeid} fails as it is, with nothing changed")


def _run(item: pytest.Item, *, evidence: bool) -> None:
    """`evidence`: with the fixture of that name, which most tests have."""
    names: list[str] = item.fixturenames  # type: ignore[attr-defined]
    before = list(names)
    if not evidence and EVIDENCE not in _params(item):  # a parameter may be called so, too
        names[:] = [name for name in names if name != EVIDENCE]
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    finally:
        names[:] = before


def main() -> None:
    """Reads `name function` lines, and answers each by `name verdict` on standard error. Its arguments are pytest's."""
    settings.register_profile(
        "changes",
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],  # that a test fails is enough: not the smallest example
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("changes")
    wanted = [(name, function) for name, function in (line.split() for line in sys.stdin)]
    sys.path.append(str(Path("../.mutmut").resolve()))
    options = ["-p", "no:cacheprovider", "-q", "-o", "timeout=0", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    sys.exit(pytest.main([*options, *sys.argv[1:]], plugins=[Trying(wanted)]))


if __name__ == "__main__":
    main()
