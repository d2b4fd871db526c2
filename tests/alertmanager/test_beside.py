"""Routing, matchers and time intervals beside Prometheus Alertmanager itself: the same answers to random questions."""

import json
import os
import subprocess
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.config import ConfigurationError
from backoffice.config.alertmanager import read, read_routing
from backoffice.routes import Node, receivers
from processors.alerting.intervals import contains
from processors.alerting.route import destinations
from processors.alerting.settings import AlertingSettings, TimeInterval
from processors.matchers import parse_all
from tests.alertmanager import trees
from tests.alertmanager.peer import ask, examples, peer

TREES = 1000 if os.environ.get("BACKOFFICE_CHAOS") == "long" else 150
LABEL_SETS = 8
"""For each tree."""


@pytest.fixture(scope="module", name="peer")
def _peer() -> Any:
    return peer()


def test_random_route_trees_send_random_labels_to_the_same_receivers(peer: Any, tmp_path: Any) -> None:
    random = Random(6)
    cases = [(trees.file(random), [trees.labels(random) for _ in range(LABEL_SETS)]) for _ in range(TREES)]
    answers = ask(peer, ({"config": json.dumps(file), "labels": labels} for file, labels in cases))
    file_of_case = tmp_path / "alertmanager.yml"
    for (file, labels), theirs in zip(cases, answers, strict=True):
        assert theirs["error"] == "", file
        file_of_case.write_text(json.dumps(file))
        route = read_routing(file_of_case)
        settings = AlertingSettings(route=route)
        for given, wanted in zip(labels, theirs["receivers"], strict=True):
            assert list(receivers(Node.of(route), given)) == wanted, (file, given)
            told = [destination.receiver for destination in destinations(settings, given)]
            assert list(dict.fromkeys(told)) == list(dict.fromkeys(wanted)), (file, given)
    assert len({tuple(found) for answer in answers for found in answer["receivers"]}) > 30, "they differ"


def test_random_texts_of_matchers_are_read_the_same(peer: Any) -> None:
    random = Random(7)
    texts = [trees.matcher_text(random) for _ in range(3000)]
    answers = ask(peer, ({"matchers": text} for text in texts))
    refused = 0
    for text, theirs in zip(texts, answers, strict=True):
        wanted = None if theirs["error"] else [tuple(parts) for parts in theirs["matchers"] or ()]
        try:
            ours = [(one.name, one.operator, one.value) for one in parse_all(text)]
        except ValueError:
            refused += 1
            ours = None
        if wanted and any(not name for name, _, _ in wanted):
            wanted = None  # a matcher without a label is one that was forgotten
        assert ours == wanted, (text, theirs["error"])
    assert 300 < refused < 2700, "both kinds were there"


def test_random_time_intervals_hold_at_the_same_instants(peer: Any) -> None:
    random = Random(8)
    intervals = [trees.interval(random) for _ in range(1000)]
    instants = [[trees.instant(random) for _ in range(40)] for _ in intervals]
    questions = ({"interval": json.dumps(i), "at": at} for i, at in zip(intervals, instants, strict=True))
    held = 0
    for given, at, theirs in zip(intervals, instants, ask(peer, questions), strict=True):
        try:
            ours = TimeInterval.model_validate(given)
        except ValidationError:
            assert theirs["error"] != "", given
            continue
        assert theirs["error"] == "", (given, theirs["error"])
        for seconds, wanted in zip(at, theirs["holds"], strict=True):
            instant = datetime.fromtimestamp(seconds, UTC)
            if _in_a_month_that_alertmanager_counts_short(ours, instant):
                continue
            held += wanted
            assert contains(ours, instant) is wanted, (given, instant)
    assert held > 3000, "many hold"


def _in_a_month_that_alertmanager_counts_short(interval: TimeInterval, instant: datetime) -> bool:
    """Clocks go forward in it: it lacks an hour, and Alertmanager takes the whole days in its hours."""
    if interval.days_of_month is None:
        return False
    zone = ZoneInfo(interval.location)
    local = instant.astimezone(zone)
    first = datetime(local.year, local.month, 1, tzinfo=zone)
    days = monthrange(local.year, local.month)[1]
    after = (first + timedelta(days=days)).astimezone(UTC)
    return after - first.astimezone(UTC) < timedelta(days=days)


FILES: dict[str, str] = {
    "fine": "route: {receiver: a}\nreceivers: [{name: a}]",
    "no route": "receivers: [{name: a}]",
    "empty": "",
    "no root receiver": "route: {}\nreceivers: [{name: a}]",
    "matchers at the root": "route: {receiver: a, matchers: ['b=c']}\nreceivers: [{name: a}]",
    "match at the root": "route: {receiver: a, match: {b: c}}\nreceivers: [{name: a}]",
    "continue at the root": "route: {receiver: a, continue: true}\nreceivers: [{name: a}]",
    "muted root": "route: {receiver: a, mute_time_intervals: [n]}\nreceivers: [{name: a}]\ntime_intervals: [{name: n}]",
    "active root": "route: {receiver: a, active_time_intervals: [n]}\nreceivers: [{name: a}]\n"
    "time_intervals: [{name: n}]",
    "unknown receiver": "route: {receiver: b}\nreceivers: [{name: a}]",
    "unknown receiver below": "route: {receiver: a, routes: [{routes: [{receiver: b}]}]}\nreceivers: [{name: a}]",
    "unknown interval": "route: {receiver: a, routes: [{mute_time_intervals: [n]}]}\nreceivers: [{name: a}]",
    "known interval": "route: {receiver: a, routes: [{active_time_intervals: [n]}]}\nreceivers: [{name: a}]\n"
    "mute_time_intervals: [{name: n, time_intervals: [{years: ['2026']}]}]",
    "interval without a name": "route: {receiver: a}\nreceivers: [{name: a}]\ntime_intervals: [{time_intervals: []}]",
    "two intervals of one name": "route: {receiver: a}\nreceivers: [{name: a}]\n"
    "time_intervals: [{name: n}]\nmute_time_intervals: [{name: n}]",
    "two receivers of one name": "route: {receiver: a}\nreceivers: [{name: a}, {name: a}]",
    "receiver without a name": "route: {receiver: a}\nreceivers: [{name: a}, {}]",
    "group by twice": "route: {receiver: a, group_by: [b, b]}\nreceivers: [{name: a}]",
    "group by all and more": "route: {receiver: a, group_by: ['...', b]}\nreceivers: [{name: a}]",
    "group by all": "route: {receiver: a, group_by: ['...']}\nreceivers: [{name: a}]",
    "group by nothing": "route: {receiver: a, group_by: []}\nreceivers: [{name: a}]",
    "group by any text": "route: {receiver: a, group_by: ['a b', 'ä']}\nreceivers: [{name: a}]",
    "group by an empty label": "route: {receiver: a, group_by: ['']}\nreceivers: [{name: a}]",
    "no group interval": "route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]",
    "no repeat interval": "route: {receiver: a, repeat_interval: 0}\nreceivers: [{name: a}]",
    "no group wait": "route: {receiver: a, group_wait: 0s}\nreceivers: [{name: a}]",
    "no duration": "route: {receiver: a, group_wait: 5}\nreceivers: [{name: a}]",
    "units out of order": "route: {receiver: a, group_wait: 5s1m}\nreceivers: [{name: a}]",
    "bad matcher": "route: {receiver: a, routes: [{matchers: ['b']}]}\nreceivers: [{name: a}]",
    "bad expression": "route: {receiver: a, routes: [{match_re: {b: '('}}]}\nreceivers: [{name: a}]",
    "bad label": "route: {receiver: a, routes: [{match: {'b c': d}}]}\nreceivers: [{name: a}]",
    "one text for matchers": "route: {receiver: a, routes: [{matchers: 'b=c'}]}\nreceivers: [{name: a}]",
    "several in one text": "route: {receiver: a, routes: [{matchers: ['b=c,d=e']}]}\nreceivers: [{name: a}]",
    "no text in matchers": "route: {receiver: a, routes: [{matchers: ['', '{}']}]}\nreceivers: [{name: a}]",
    "not what a text looks like": "route: {receiver: a, routes: [{match: {b: 007, c: on, d: 1e3, e: 2026-01-01}}]}\n"
    "receivers: [{name: a}]",
    "null": "route: {receiver: a, routes: [{match: {b: }, receiver: }], matchers: null}\nreceivers: [{name: a}]",
    "null for a value": "route: {receiver: a, routes: [{match: {b: }, receiver: b}]}\n"
    "receivers: [{name: a}, {name: b}]",
    "null for an expression": "route: {receiver: a, routes: [{match_re: {b: }}]}\nreceivers: [{name: a}]",
    "unknown key": "route: {receiver: a, escalation: b}\nreceivers: [{name: a}]",
    "unknown section": "route: {receiver: a}\nreceivers: [{name: a}]\nrules: []",
    "twice the same key": "route: {receiver: a, receiver: b}\nreceivers: [{name: a}]",
    "yes": "route: {receiver: a, routes: [{continue: yes}, {continue: off}, {continue: y}]}\nreceivers: [{name: a}]",
    "neither yes nor no": "route: {receiver: a, routes: [{continue: maybe}]}\nreceivers: [{name: a}]",
    "merged": "x: &x {receiver: a}\nroute: {<<: *x}\nreceivers: [{name: a}]",
    "merged below": "route: {receiver: a, routes: [&x {receiver: a, match: {b: c}}, {<<: *x, receiver: b}]}\n"
    "receivers: [{name: a}, {name: b}]",
    "a list for a mapping": "route: []\nreceivers: [{name: a}]",
    "a bad weekday": "route: {receiver: a}\nreceivers: [{name: a}]\n"
    "time_intervals: [{name: n, time_intervals: [{weekdays: ['monday:1']}]}]",
}


LABELS = [{"b": "007"}, {"b": "c"}, {}]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_taken_or_refused_as_alertmanager_does(peer: Any, tmp_path: Any, name: str) -> None:
    (theirs,) = ask(peer, [{"config": FILES[name], "labels": LABELS}])
    file = tmp_path / "alertmanager.yml"
    file.write_text(FILES[name])
    if theirs["error"]:
        with pytest.raises(ConfigurationError):
            read_routing(file)
        return
    root = Node.of(read_routing(file))
    assert [list(receivers(root, labels)) for labels in LABELS] == theirs["receivers"]


def test_a_file_of_ours_says_the_same_in_json_and_in_yaml(tmp_path: Any) -> None:
    """The random files above are written as JSON: this is why that is enough."""
    random = Random(9)
    for _ in range(20):
        file = trees.file(random)
        one, other = tmp_path / "a.json", tmp_path / "a.yml"
        one.write_text(json.dumps(file))
        YAML(typ="safe", pure=True).dump(file, other)
        assert read_routing(one) == read_routing(other)


def test_the_files_that_alertmanager_comes_with_are_taken_or_refused_as_it_does(peer: Any) -> None:
    """Those that it refuses for integrations that we do not have, we refuse for having them."""
    files = examples()
    assert len(files) > 30
    for file, theirs in zip(files, ask(peer, ({"config": file.read_text()} for file in files)), strict=True):
        if theirs["error"]:
            with pytest.raises(ConfigurationError):
                read(file)
        else:
            assert read_routing(file).receiver, file


ARGUMENTS: dict[str, list[str]] = {
    "the tree": [],
    "the tree, by name": ["show"],
    "nothing": ["test"],
    "one receiver": ["test", "service=foo1"],
    "deeper": ["test", "service=foo1", "severity=critical", "--tree"],
    "several": ["test", "--tree", "service=files", "severity=b"],
    "quoted": ["test", 'service="database"', '"the owner"="team X"', "owner=team-X"],
    "as expected": ["test", "--verify.receivers=team-X-pager", "service=foo1", "severity=critical"],
    "not as expected": ["test", "--verify.receivers=team-X-mails", "service=foo1", "severity=critical"],
    "twice a label": ["test", "service=foo1", "service=database"],
    "not a label": ["test", "service"],
    "another operator": ["test", "service!=foo1"],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_routes_takes_the_arguments_of_amtool_and_prints_what_it_prints(peer: Any, tmp_path: Any, name: str) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(SIMPLE)
    command = ["routes", f"--config.file={file}", *ARGUMENTS[name]]
    theirs = subprocess.run([peer, "config", *command], capture_output=True, text=True, check=False, timeout=60)
    ours = CliRunner().invoke(app, command)
    assert ours.stdout == theirs.stdout
    assert ours.exit_code == theirs.returncode
    assert bool(ours.stderr) == bool(theirs.stderr)


def test_a_file_that_is_not_there_fails_as_with_amtool(peer: Any, tmp_path: Any) -> None:
    command = ["routes", "test", f"--config.file={tmp_path / 'gone'}", "a=b"]
    theirs = subprocess.run([peer, "config", *command], capture_output=True, text=True, check=False, timeout=60)
    assert CliRunner().invoke(app, command).exit_code == theirs.returncode == 1


SIMPLE = """
route:
  group_by: [alertname, cluster, service]
  receiver: team-X-mails
  routes:
    - matchers: ['service=~"foo1|foo2|baz"']
      receiver: team-X-mails
      routes:
        - matchers: [severity="critical"]
          receiver: team-X-pager
    - match: {service: files}
      match_re: {severity: a|b}
      receiver: team Y/mails
      continue: yes
    - matchers: [severity="b"]
      continue: true
      routes:
        - continue: true
        - receiver: team-Z
    - matchers: ['{service="database", "the owner"!="x"}']
      group_by: [...]
      routes:
        - match: {owner: team-X}
          receiver: "null"
receivers:
  - name: team-X-mails
    slack_configs:
      - api_url: https://hooks.slack.com/services/x
        title: '{{ template "ours" . }}'
  - name: team-X-pager
  - name: team Y/mails
  - name: team-Z
  - name: "null"
templates: [ours.tmpl]
"""
