"""Signing in with an OpenID provider, played by a real one in a thread."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread

from consumers.console.settings import OpenIdSettings
from consumers.console.signing_in.openid import NotSignedIn, Provider
from consumers.console.signing_in.people import Role
from tests.unit.console.entrance import Entrance

pytestmark = [
    # The provider's own, of its use of Authlib and Flask.
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]

ROLES = {"desk": Role.OPERATOR, "chiefs": Role.ADMINISTRATOR}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    people = (
        User(sub="u1", claims={"preferred_username": "dana", "groups": ["staff", "desk"]}),
        User(sub="u2", claims={"preferred_username": "eve", "groups": ["staff"]}),
        User(sub="u3", claims={"groups": "chiefs"}),
    )
    with run_server_in_thread(user_claims=people, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


def settings(issuer: str, **changes: Any) -> OpenIdSettings:
    return OpenIdSettings.model_validate({"issuer": issuer, "client_id": "backoffice", "roles": ROLES, **changes})


def entrance(issuer: str, **changes: Any) -> Entrance:
    return Entrance(openid=Provider(settings(issuer, **changes), "a secret"), users=False)


def goes(entrance: Entrance, sub: str, path: str = "/console/openid/begin?next=/alerts") -> str:
    """They go to the provider and say who they are; returns where it sends them back to."""
    there = entrance.get(path).headers["location"]
    back = httpx.post(there, data={"sub": sub})
    assert back.status_code in (302, 303), back.text
    return back.headers["location"].removeprefix("http://desk")


def test_somebody_signs_in_and_has_the_role_of_their_group(issuer: str) -> None:
    at = entrance(issuer)
    back = at.get(goes(at, "u1"))
    assert (back.status_code, back.headers["location"]) == (303, "/console/alerts"), back.text
    assert "dana" in at.get().text


def test_a_claim_may_be_one_text_and_a_name_may_be_missing(issuer: str) -> None:
    at = entrance(issuer)
    assert at.get(goes(at, "u3")).status_code == 303
    assert "u3" in at.get().text


def test_who_has_no_role_stays_out_unless_there_is_one_for_everybody(issuer: str) -> None:
    at = entrance(issuer)
    refused = at.get(goes(at, "u2"))
    assert (refused.status_code, "no role" in refused.text) == (403, True)
    at = entrance(issuer, default_role="viewer")
    assert at.get(goes(at, "u2")).status_code == 303


def test_the_provider_is_asked_with_pkce_state_and_nonce(issuer: str) -> None:
    asked = parse_qs(urlsplit(entrance(issuer).get("/console/openid/begin").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://desk/console/openid/back"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_an_answer_works_once_and_only_in_the_browser_that_asked(issuer: str) -> None:
    at = entrance(issuer)
    path = goes(at, "u1")
    other = entrance(issuer)
    other.door = at.door
    assert other.get(path).status_code == 403
    assert at.get(path).status_code == 303
    at.cookies.set(
        "backoffice_openid", parse_qs(urlsplit(path).query)["state"][0], domain="desk.local", path="/console"
    )
    assert at.get(path).status_code == 403


def test_a_refusal_of_the_provider_is_said(issuer: str) -> None:
    at = entrance(issuer)
    state = parse_qs(urlsplit(at.get("/console/openid/begin").headers["location"]).query)["state"][0]
    answer = at.get(f"/console/openid/back?state={state}&error=access_denied")
    assert (answer.status_code, "access_denied" in answer.text) == (403, True)


def test_nobody_is_led_to_another_site_after_it(issuer: str) -> None:
    at = entrance(issuer)
    back = at.get(goes(at, "u1", "/console/openid/begin?next=https://attacker.example/"))
    assert back.headers["location"] == "/console/"


def test_a_provider_that_is_away_is_said() -> None:
    at = entrance("http://localhost:1")
    answer = at.get("/console/openid/begin")
    assert answer.status_code == 502
    assert "did not answer" in answer.text


def test_the_highest_of_several_roles_counts(issuer: str) -> None:
    provider = Provider(settings(issuer), None)
    assert provider.person({"sub": "x", "groups": ["desk", "chiefs", "staff"]}).role is Role.ADMINISTRATOR
    for groups in ([], None, 7, {"desk": True}, ["Desk"]):
        with pytest.raises(NotSignedIn, match="no role"):
            provider.person({"sub": "x", "groups": groups})


@pytest.mark.parametrize("wrong", ["http://login.example.com", "ftp://localhost", "login.example.com", ""])
def test_an_issuer_is_https_beyond_this_machine(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.compile("https|address")):
        settings(wrong)
