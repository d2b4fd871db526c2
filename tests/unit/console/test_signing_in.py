"""Signing in and out: who gets in, what a cookie is worth, and what is refused."""

import re
from itertools import pairwise

import pytest

from consumers.console.signing_in.addresses import local
from consumers.console.signing_in.failures import MOST_BY_ADDRESS, MOST_BY_USER, WITHIN
from consumers.console.signing_in.guard import COOKIE
from consumers.console.signing_in.passwords import hashed, is_hash, matches, new_password
from consumers.console.signing_in.people import NotAllowed, Person, Role
from tests.unit.console.entrance import PASSWORD, Entrance


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_then_to_where_they_wanted() -> None:
    entrance = Entrance()
    led = entrance.get("/console/alerts?q=vpn")
    assert (led.status_code, led.headers["location"]) == (303, "/console/sign-in?next=%2Falerts%3Fq%3Dvpn")
    form = entrance.form(led.headers["location"])
    done = entrance.post("/console/sign-in", {**form, "user": "dana", "password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/console/alerts?q=vpn")
    assert "dana" in entrance.get("/console/alerts?q=vpn").text


def test_what_is_no_page_is_refused_without_a_session() -> None:
    assert Entrance().ask("GET", "/console/alerts").status_code == 401
    assert Entrance().ask("POST", "/console/alerts").status_code == 401


def test_an_unknown_user_and_a_wrong_password_are_answered_alike() -> None:
    wrong, unknown = Entrance().tries(password="guess" * 3), Entrance().tries(user="nobody")
    assert wrong.status_code == unknown.status_code == 401

    def without_token(page: str) -> str:
        return re.sub(r'value="[^"]*"', "", page)

    assert without_token(wrong.text) == without_token(unknown.text)


@pytest.mark.parametrize("password", ["", PASSWORD + " ", PASSWORD.upper(), PASSWORD + "\x00", PASSWORD + "x" * 2_000])
def test_only_the_password_opens(password: str) -> None:
    assert Entrance().tries(password=password).status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    set_cookie = Entrance().tries().headers["set-cookie"].lower()
    assert all(word in set_cookie for word in ("httponly", "samesite=lax", "path=/console"))
    assert "secure" not in set_cookie
    assert "; secure" in Entrance(url="https://desk.example").tries().headers["set-cookie"].lower()


def test_each_sign_in_is_a_new_session() -> None:
    entrance = Entrance().signs_in()
    first = entrance.cookies[COOKIE]
    entrance.cookies.clear()
    assert entrance.signs_in().cookies[COOKIE] != first


def test_signing_out_ends_the_session_wherever_its_cookie_went() -> None:
    entrance = Entrance().signs_in()
    stolen = entrance.cookies[COOKIE]
    token = re.search(r"<i>(.+)</i>", entrance.get().text)
    assert token
    assert entrance.post("/console/sign-out", {"form": "guess"}).status_code == 403
    assert entrance.sessions.find(stolen) is not None
    assert entrance.post("/console/sign-out", {"form": token[1]}).headers["location"] == "/console/sign-in"
    assert entrance.sessions.find(stolen) is None


def test_a_session_ends_when_it_is_idle_and_after_its_longest_time() -> None:
    entrance = Entrance().signs_in()
    entrance.now += 599
    assert entrance.get().status_code == 200
    entrance.now += 600
    assert entrance.get().status_code == 303
    entrance.signs_in()
    for _ in range(7):
        entrance.now += 500
        assert entrance.get().status_code == 200
    entrance.now += 100
    assert entrance.get().status_code == 303


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + "a", lambda c: "x" + c, lambda c: c.split(".")[0]])
def test_a_cookie_that_we_did_not_sign_is_nobodys(change: object) -> None:
    entrance = Entrance().signs_in()
    assert callable(change)
    assert entrance.sessions.find(change(entrance.cookies[COOKIE])) is None
    assert Entrance().sessions.find(entrance.cookies[COOKIE]) is None


def test_a_form_of_another_site_does_not_sign_anybody_in() -> None:
    entrance = Entrance()
    fields = {"user": "dana", "password": PASSWORD}
    assert entrance.post("/console/sign-in", fields).status_code == 403
    form = entrance.form()
    foreign = Entrance().form()
    assert entrance.post("/console/sign-in", {**fields, **foreign}).status_code == 403
    assert entrance.post("/console/sign-in", {**fields, **form}, origin="https://attacker.example").status_code == 403
    entrance.cookies.clear()
    assert entrance.post("/console/sign-in", {**fields, **form}).status_code == 403
    assert COOKIE not in entrance.cookies


def test_a_user_is_closed_for_a_while_after_some_failures_known_or_not() -> None:
    for user in ("dana", "nobody"):
        entrance = Entrance()
        codes = [entrance.tries(user, "guess").status_code for _ in range(MOST_BY_USER + 1)]
        assert codes == [401] * MOST_BY_USER + [429]
    entrance = Entrance()
    for _ in range(MOST_BY_USER):
        entrance.tries("dana", "guess")
    assert entrance.tries("dana").status_code == 429, "the right password does not help"
    assert entrance.tries("kim").status_code == 303, "others are not concerned"
    entrance.now += WITHIN
    entrance.cookies.clear()
    assert entrance.tries("dana").status_code == 303


def test_an_address_is_closed_for_a_while_after_more_failures() -> None:
    entrance = Entrance()
    for n in range(MOST_BY_ADDRESS):
        assert entrance.tries(f"user{n}", "guess").status_code == 401
    assert entrance.tries("dana").status_code == 429


def test_signing_in_counts_as_no_failure() -> None:
    entrance = Entrance()
    for _ in range(MOST_BY_ADDRESS + 5):
        entrance.cookies.clear()
        assert entrance.tries().status_code == 303


@pytest.mark.parametrize(
    ("next", "path"),
    [
        ("/alerts", "/alerts"),
        ("/alerts?q=a&state=resolved", "/alerts?q=a&state=resolved"),
        (None, "/"),
        ("", "/"),
        ("https://attacker.example/", "/"),
        ("//attacker.example/", "/"),
        ("///attacker.example/", "/"),
        ("/\\attacker.example/", "/"),
        ("/a\\..\\b", "/"),
        ("/\t/attacker.example", "/"),
        ("javascript:alert(1)", "/"),
        ("alerts", "/"),
        ("/" + "a" * 3_000, "/"),
    ],
)
def test_nobody_is_led_to_another_site(next: str | None, path: str) -> None:
    assert local(next) == path


def test_a_next_of_another_site_in_the_form_leads_home() -> None:
    assert Entrance().tries(next="https://attacker.example/").headers["location"] == "/console/"


def test_a_page_may_load_only_what_is_ours_and_its_scripts_know_the_nonce() -> None:
    page = Entrance().signs_in().get()
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert page.text.count(f'<script nonce="{nonce[1]}"') == 2
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'nonce-" in policy
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert int(page.headers["content-length"]) == len(page.content)


def test_two_pages_have_two_nonces() -> None:
    entrance = Entrance().signs_in()
    assert entrance.get().headers["content-security-policy"] != entrance.get().headers["content-security-policy"]


def test_the_sign_in_page_has_no_script_at_all() -> None:
    page = Entrance().get("/console/sign-in")
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


@pytest.mark.parametrize("origin", [None, "https://attacker.example", "null", "http://desk.attacker.example"])
def test_a_live_connection_is_only_for_our_own_pages(origin: str | None) -> None:
    entrance = Entrance().signs_in()
    headers = {"origin": origin} if origin else {}
    assert entrance.get("/console/_nicegui_ws/socket.io/", **headers).status_code == 403
    assert entrance.get("/console/_nicegui_ws/socket.io/", origin="http://desk").status_code == 200


def test_behind_a_proxy_the_address_that_people_see_counts() -> None:
    entrance = Entrance(url="https://desk.example").signs_in()
    asked = {"host": "10.0.0.1:9093", "origin": "https://desk.example"}
    assert entrance.get("/console/_nicegui_ws/socket.io/", **asked).status_code == 200


def test_roles_include_those_before_them() -> None:
    assert all(later.includes(earlier) and not earlier.includes(later) for earlier, later in pairwise(Role))
    assert all(role.includes(role) for role in Role)


def test_an_action_asks_for_the_role_and_for_the_session() -> None:
    entrance = Entrance()
    session = entrance.sessions.find(entrance.sessions.open(Person("kim", Role.VIEWER)))
    assert session
    assert entrance.sessions.allow(session, Role.VIEWER).name == "kim"
    with pytest.raises(NotAllowed, match="operator"):
        entrance.sessions.allow(session, Role.OPERATOR)
    entrance.now += 600
    with pytest.raises(NotAllowed, match="not signed in"):
        entrance.sessions.allow(session, Role.VIEWER)


def test_an_action_keeps_the_session_and_a_look_at_it_does_not() -> None:
    entrance = Entrance()
    session = entrance.sessions.find(entrance.sessions.open(Person("kim", Role.VIEWER)))
    assert session
    entrance.now += 500
    entrance.sessions.allow(session, Role.VIEWER)
    entrance.now += 500
    assert entrance.sessions.is_open(session)
    entrance.now += 100
    assert not entrance.sessions.is_open(session)


def test_a_password_has_another_hash_each_time_and_each_is_right() -> None:
    first, second = hashed("a password"), hashed("a password")
    assert first != second
    assert is_hash(first)
    assert matches(first, "a password")
    assert not matches(first, "another")
    assert not is_hash("a password")
    assert not matches("no hash", "a password")


def test_a_made_password_is_long_and_readable() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", one) for one in made)
