"""The folder of Jinja2 templates: its texts stand in for ours, and what is wrong with one is said with its line."""

from pathlib import Path

import pytest

from backoffice.config import Configuration, ConfigurationError, load
from backoffice.config.templates import NAMES
from consumers.notify.channels.config import EmailChannel, PagerDutyChannel, SlackChannel
from consumers.notify.templates import built_in_template
from schemas.settings import Settings

CONFIGURATION = """
alerting:
  templates: texts
  route: {receiver: all}
  receivers:
    - name: all
      channels:
        - {type: email, to: [a@example.org], from: b@example.org, smarthost: "mail.example:25"}
        - {type: slack, url: "https://chat.example/x", title: "its own: {{ summary }}"}
        - {type: pagerduty, routing_key: k}
        - {type: terminal}
      fallback:
        - {type: slack, url: "https://chat.example/y"}
"""


@pytest.fixture(name="texts")
def _texts(tmp_path: Path) -> Path:
    """The folder, empty."""
    (tmp_path / "backoffice.yaml").write_text(CONFIGURATION)
    folder = tmp_path / "texts"
    folder.mkdir()
    return folder


def read(texts: Path) -> Configuration:
    return load(texts.parent / "backoffice.yaml", {"it": Settings})


def test_every_text_of_the_program_may_have_another_in_its_stead() -> None:
    for name in NAMES:
        assert built_in_template(name), "there is one of ours by each name"


def test_a_text_is_in_every_channel_that_has_none_of_its_own(texts: Path) -> None:
    (texts / "title.j2").write_text("{{ state }} {{ summary | oneline }}")
    (texts / "chat.j2").write_text("*{{ reason }}*")
    (texts / "mail.html.j2").write_text("<p>{{ summary }}</p>")
    (texts / "readme.md").write_text("What this folder is for: {{ not a template }}")
    mail, chat, pager, terminal = read(texts).channels()["all"]
    assert isinstance(mail, EmailChannel)
    assert (mail.title, mail.text, mail.html) == ("{{ state }} {{ summary | oneline }}", None, "<p>{{ summary }}</p>")
    assert isinstance(chat, SlackChannel)
    assert (chat.title, chat.text) == ("its own: {{ summary }}", "*{{ reason }}*")
    assert isinstance(pager, PagerDutyChannel)
    assert (pager.title, terminal.type) == (None, "terminal")
    (receiver,) = read(texts).alerting.all_receivers()
    (fallback,) = receiver.fallback
    assert isinstance(fallback, SlackChannel)
    assert fallback.title == "{{ state }} {{ summary | oneline }}"


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("title.j2", "{{ summary }}\n{% if firing %}", "title.j2:2: Unexpected end of template"),
        ("title.j2", "\n\n{{ .GroupLabels }}", "title.j2:3: "),
        ("text.j2", "{{ summary }}\n{{ recever }}", "text.j2:2: knows no recever (there are: notice, "),
        ("chat.j2", "a\nb\n{{ firing[0].labels.severity | upper | nope }}", "chat.j2:3: No filter named 'nope'"),
        ("chat.j2", "a\n{{ common_labels.severity.upper() }}", "chat.j2:2: 'dict object' has no attribute 'severity'"),
        ("chat.j2", "{{ firing[0].ends_at.year }}", "chat.j2:1: "),
        ("summary.j2", "{{ ''.__class__.__mro__ }}", "summary.j2:1: access to attribute '__class__'"),
        ("summary.j2", "{% include 'title.j2' %}", "summary.j2:1: "),
        ("mail.j2", "", "mail.j2:1: no text goes by this name (did you mean 'mail.html.j2'?)"),
    ],
)
def test_a_text_that_would_fail_is_refused_at_once(texts: Path, name: str, source: str, said: str) -> None:
    (texts / name).write_text(source)
    with pytest.raises(ConfigurationError) as caught:
        read(texts)
    assert str(caught.value).startswith(f"{texts}/{said}")


def test_a_text_in_the_file_that_would_fail_is_refused_where_it_stands(texts: Path) -> None:
    wrong = CONFIGURATION.replace("its own: {{ summary }}", "{{ firing[3].labels }}")
    (texts.parent / "backoffice.yaml").write_text(wrong)
    with pytest.raises(ConfigurationError, match=r"yaml:9: alerting.receivers\[0\].channels\[1\].title: line 1: "):
        read(texts)


def test_a_folder_that_is_not_there_is_named(texts: Path) -> None:
    texts.rmdir()
    with pytest.raises(ConfigurationError, match=r"texts:1: is not a folder \(create it"):
        read(texts)
