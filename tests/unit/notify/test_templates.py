"""Texts of notices: what a template may see, what it may not do, and what happens when one fails."""

import pytest

from consumers.links import Link
from consumers.notify.templates import BadTemplate, Template, Text, built_in_template, render
from tests.unit.notify.hooks import DOWN, WHEN, notice


def test_a_template_sees_what_a_notice_says() -> None:
    ended = DOWN.model_copy(update={"status": "resolved", "fingerprint": "0000000000000001"})
    said = notice(alerts=(ended, DOWN), truncated=2)
    source = (
        "{{ receiver }}|{{ reason }}|{{ state }}|{{ common_labels.subject }}|{{ group_labels.alertname }}|"
        "{{ firing | length }}/{{ resolved | length }}|{{ shown[0].fingerprint }}|{{ hidden }}|"
        "{{ shown[0].starts_at | time }}|{{ notice.about.id }}|{{ links[0].text }}"
    )
    assert render(source, said, (Link("Resolve", "https://x"),)) == (
        "it-manager|first notification|CRITICAL|service/vpn|it.outage|1/1|0ad9ee6b2d72ce22|2|"
        "2026-01-05 08:00 UTC|0-41-2|Resolve"
    )


def test_what_a_notice_does_not_say_is_empty() -> None:
    assert render("[{{ common_labels.instance }}]", notice()) == "[]"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ recever }}", "knows no recever"),
        ("a\n{% if firing %}", "line 2: Unexpected end of template"),
        ("{{ firing | lenght }}", "line 1: No filter named 'lenght'"),
        ("{{ .Labels }}", "line 1: "),
        ("{% include 'x' %}{{ y }}", "knows no y"),
    ],
)
def test_a_template_that_cannot_work_is_refused_with_its_line(source: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        Template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ notice.__class__.__mro__ }}",
        "{% include '/etc/passwd' %}",
        "{{ range(10 ** 9) | list }}",
        "{{ 1 // 0 }}",
        "{{ shown[7].labels.x }}",
    ],
)
def test_a_template_that_does_what_it_must_not_is_replaced_by_ours(
    source: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert Text(source, "title.j2").render(notice()) == "[CRITICAL] vpn is down"
    assert "notice 0-41-2: a template of the configuration failed" in caplog.text


@pytest.mark.parametrize("source", ["{{ notice.with_about.__globals__ }}", "{{ ''.__class__ }}", "{{ notice._about }}"])
def test_what_a_template_must_not_see_is_empty(source: str) -> None:
    assert render(source, notice()) == ""


def test_control_characters_are_taken_out_of_values() -> None:
    assert render("{{ summary }}", notice(summary="a\x1b[2Jb\x00\r\nc")) == "a\ufffd[2Jb\ufffd\ufffd\nc"
    assert render("{{ summary | oneline }}", notice(summary=" two\n lines\t")) == "two lines"


def test_html_is_escaped_unless_it_is_the_templates_own() -> None:
    evil = notice(summary="<script>", common_labels={"x": '" onclick="'})
    said = Template('<b title="{{ common_labels.x }}">{{ summary }}</b>', html=True).render(evil)
    assert said == '<b title="&#34; onclick=&#34;">&lt;script&gt;</b>'


def test_no_address_from_outside_becomes_a_link_that_runs_code() -> None:
    evil = DOWN.model_copy(update={"generator_url": "javascript:alert(1)"})
    assert "javascript:" not in built_in_template("mail.html.j2").render(notice(alerts=(evil,)))
    good = DOWN.model_copy(update={"generator_url": "https://prometheus.test/graph?x=1&y"})
    assert 'href="https://prometheus.test/graph?x=1&amp;y"' in built_in_template("mail.html.j2").render(
        notice(alerts=(good,))
    )


@pytest.mark.parametrize("name", ["title.j2", "summary.j2", "text.j2", "chat.j2", "mail.html.j2"])
def test_our_own_say_what_was_ended_and_who_has_taken_what_is_left(name: str) -> None:
    ended = DOWN.model_copy(update={"status": "resolved", "ends_at": WHEN})
    said = built_in_template(name).render(notice(alerts=(ended,), status="resolved", acknowledged_by="dana"))
    assert "vpn is down" in said or "until 2026-01-05" in said
    bare = DOWN.model_copy(update={"labels": {"x": "y"}, "annotations": {}})
    assert built_in_template(name).render(notice(alerts=(bare,), common_labels={}, common_annotations={}))
