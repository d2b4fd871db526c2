"""The route tree sends an alert where Alertmanager's would."""

from collections.abc import Iterable
from typing import Any

import pytest
from pydantic import ValidationError

from processors.alerting.defaults import DEPARTMENTS
from processors.alerting.route import Destination, destinations
from processors.alerting.settings import AlertingSettings
from tests.unit.alerting.saying import settings

TREE: dict[str, Any] = {
    "receiver": "clerk",
    "escalation": "up",
    "routes": [
        {
            "matchers": ['department="it"'],
            "receiver": "it",
            "routes": [
                {"matchers": ['severity="critical"'], "receiver": "on-call", "escalation": "now"},
                {"matchers": ['service="vpn"'], "receiver": "network", "continue": True},
                {"matchers": ['service=~".+"'], "receiver": "services"},
            ],
        },
        {"matchers": ['severity="critical"'], "receiver": "security", "continue": True},
        {"matchers": ['department="hr"']},
    ],
}


def climbs(found: Iterable[Destination]) -> dict[str, str | None]:
    """By which policy, for each receiver."""
    return {destination.receiver: destination.escalation for destination in found}


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"department": "accounting"}, ["clerk"]),
        ({"department": "it"}, ["it"]),
        ({"department": "it", "severity": "critical", "service": "vpn"}, ["on-call"]),
        ({"department": "it", "service": "vpn"}, ["network", "services"]),
        ({"department": "it", "service": "mail"}, ["services"]),
        ({"department": "hr", "severity": "critical"}, ["security", "clerk"]),
        ({"department": "health", "severity": "critical"}, ["security"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else ",".join(value.values()),
)
def test_the_first_matching_child_takes_it_unless_it_says_continue(
    labels: dict[str, str], receivers: list[str]
) -> None:
    assert [d.receiver for d in destinations(settings(route=TREE), labels)] == receivers


def test_an_alert_that_arrives_twice_at_one_receiver_goes_there_once() -> None:
    tree = {"receiver": "clerk", "routes": [{"continue": True}, {"continue": True}, {}]}
    assert [d.receiver for d in destinations(settings(route=tree), {})] == ["clerk"]


def test_a_policy_is_inherited_and_a_nearer_one_wins() -> None:
    by_receiver = climbs(destinations(settings(route=TREE), {"department": "it", "severity": "critical"}))
    assert by_receiver == {"on-call": "now"}
    assert climbs(destinations(settings(route=TREE), {"department": "it"})) == {"it": "up"}


def test_a_receivers_own_policy_counts_where_no_route_names_one() -> None:
    receivers = [{"name": "clerk", "escalation": "own"}]
    plain = settings(route={"receiver": "clerk"}, receivers=receivers)
    named = settings(route={"receiver": "clerk", "escalation": "up"}, receivers=receivers)
    assert climbs(destinations(plain, {})) == {"clerk": "own"}
    assert climbs(destinations(named, {})) == {"clerk": "up"}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_with_no_configuration_the_clerk_hears_of_all_and_the_manager_of_the_critical(department: str) -> None:
    critical = destinations(AlertingSettings(), {"department": department, "severity": "critical"})
    warning = destinations(AlertingSettings(), {"department": department, "severity": "warning"})
    assert [d.receiver for d in critical] == [f"{department}-manager", f"{department}-clerk"]
    assert [d.receiver for d in warning] == [f"{department}-clerk"]
    assert climbs(critical) == {f"{department}-manager": None, f"{department}-clerk": department}
    assert climbs(warning) == {f"{department}-clerk": department}


def test_with_no_configuration_a_department_that_is_not_ours_goes_to_the_back_office() -> None:
    found = destinations(AlertingSettings(), {"department": "catering", "severity": "warning"})
    assert climbs(found) == {"back-office-manager": "back-office"}


@pytest.mark.parametrize("department", [*DEPARTMENTS, "correlation", "catering"])
def test_with_no_configuration_what_is_only_for_information_climbs_nowhere(department: str) -> None:
    (found,) = destinations(AlertingSettings(), {"department": department, "severity": "info"})
    assert found.escalation is None
    assert found.receiver == (f"{department}-clerk" if department in DEPARTMENTS else "back-office-manager")


def test_none_ends_what_is_inherited_from_a_route_or_a_receiver() -> None:
    tree = {
        "receiver": "clerk",
        "escalation": "up",
        "routes": [{"matchers": ['severity="info"'], "escalation": "none"}],
    }
    receivers = [{"name": "clerk", "escalation": "up"}]
    both = settings(route=tree, receivers=receivers)
    assert climbs(destinations(both, {"severity": "info"})) == {"clerk": None}
    assert climbs(destinations(both, {"severity": "error"})) == {"clerk": "up"}
    silent = settings(route={"receiver": "clerk"}, receivers=[{"name": "clerk", "escalation": "none"}])
    assert climbs(destinations(silent, {})) == {"clerk": None}


def test_no_policy_can_be_called_none() -> None:
    steps = [{"targets": ["clerk"], "delay_minutes": 1}]
    with pytest.raises(ValidationError, match="stands for no policy at all"):
        settings(escalation_policies=[{"name": "none", "steps": steps}])


def test_settings_survive_the_log_as_they_were() -> None:
    given = settings(route=TREE)
    assert AlertingSettings.model_validate_json(given.model_dump_json(exclude_unset=True)) == given
