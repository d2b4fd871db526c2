"""Texts of notices: Jinja2 templates in a sandbox, those of the program and those of the configuration.

A template sees:

- `notice`: the whole notice; and by themselves its `receiver`, `reason`, `status`, `severity`, `summary`,
  `group_labels`, `common_labels`, `common_annotations` and `truncated`;
- `state`: `CRITICAL` to `INFO`, or `RESOLVED`;
- `firing`, `resolved`: its alerts, each with `fingerprint`, `status`, `labels`, `annotations`, `starts_at`, `ends_at`
  and `generator_url`;
- `shown`: the first of its alerts, those that fire before those that ended, and `hidden`, how many more there are;
- `links`: what its reader can do, each with `text` and `url`;
- the filters `time` (an instant, in UTC), `oneline`, and all of Jinja2's.

Values come from outside, so control characters are taken out of each, and in HTML each is escaped.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from consumers.links import Link
from schemas.notices import Notice, NoticeAlert

log = logging.getLogger(__name__)

SHOWN = 20
"""How many alerts the texts of the program tell one by one. Nobody reads more of them in a message."""


class BadTemplate(ValueError):
    """A template that cannot be used."""

    def __init__(self, line: int, what: str) -> None:
        """`line`: of the template, from 1."""
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what


def plain(value: Any) -> Any:
    """A text without characters that move a cursor, hide what follows or end a header; other values as they are."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in value)


def oneline(value: object) -> str:
    """A text in one line, with one blank where there were several or a new line."""
    return " ".join(str(plain(str(value))).split())


def time(value: datetime) -> str:
    """`2026-01-05 08:00 UTC`."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _environment(html: bool) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(autoescape=html, finalize=plain, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"time": time, "oneline": oneline}
    return made


_TEXT, _HTML = _environment(html=False), _environment(html=True)

NAMES = (
    "notice",
    "receiver",
    "reason",
    "status",
    "severity",
    "summary",
    "group_labels",
    "common_labels",
    "common_annotations",
    "truncated",
    "state",
    "firing",
    "resolved",
    "shown",
    "hidden",
    "links",
)
"""What a template may name. `_values` gives them."""


class Template:
    """One text of a notice. Raises BadTemplate for what is not Jinja2, or names what a notice does not have."""

    def __init__(self, source: str, *, html: bool = False) -> None:
        environment = _HTML if html else _TEXT
        try:
            unknown = meta.find_undeclared_variables(environment.parse(source)) - {*NAMES, *environment.globals}
            self._template = environment.from_string(source)
        except TemplateSyntaxError as error:
            raise BadTemplate(error.lineno, error.message or "is not a template of Jinja2") from error
        if unknown:
            line = next((i for i, text in enumerate(source.splitlines(), 1) if min(unknown) in text), 1)
            raise BadTemplate(line, f"knows no {', '.join(sorted(unknown))} (there are: {', '.join(NAMES)})")

    def render(self, notice: Notice, links: Sequence[Link] = ()) -> str:
        """The text. Raises whatever a template can do wrong with values that it did not expect."""
        return self._template.render(_values(notice, links))


class Text:
    """A text of the configuration over one of the program, which stands in where the first one fails.

    Whoever is to be told is told: a template that stumbles over one notice must not keep it from them.
    """

    def __init__(self, own: str | None, built_in: str, *, html: bool = False) -> None:
        self._own = Template(own, html=html) if own is not None else None
        self._built_in = built_in_template(built_in)

    def render(self, notice: Notice, links: Sequence[Link] = ()) -> str:
        if self._own is not None:
            try:
                return self._own.render(notice, links)
            except Exception:
                log.exception("notice %s: a template of the configuration failed; ours is used", notice.about.id)
        return self._built_in.render(notice, links)


def render(template: str, notice: Notice, links: Sequence[Link] = ()) -> str:
    """A template's plain text for a notice. Raises BadTemplate, and what templates raise."""
    return Template(template).render(notice, links)


@cache
def built_in_template(name: str) -> Template:
    """One of the program's own, read once, by the name of its file: `title.j2`, `text.j2`, `mail.html.j2`."""
    source = resources.files("consumers.notify").joinpath("wording", name).read_text(encoding="utf-8")
    return Template(source, html=".html" in name)


def shown(notice: Notice, limit: int = SHOWN) -> tuple[tuple[NoticeAlert, ...], int]:
    """The first alerts, those that fire first, and how many more there are."""
    alerts = sorted(notice.alerts, key=lambda alert: alert.status == "resolved")
    return tuple(alerts[:limit]), max(0, len(alerts) - limit) + notice.truncated


def state(notice: Notice) -> str:
    """`CRITICAL` to `INFO`, or `RESOLVED`."""
    return "RESOLVED" if notice.status == "resolved" else notice.severity.upper()


def _values(notice: Notice, links: Sequence[Link]) -> Mapping[str, Any]:
    alerts, hidden = shown(notice)
    return {
        "notice": notice,
        "receiver": notice.receiver,
        "reason": notice.reason,
        "status": notice.status,
        "severity": notice.severity,
        "summary": notice.summary,
        "group_labels": notice.group_labels,
        "common_labels": notice.common_labels,
        "common_annotations": notice.common_annotations,
        "truncated": notice.truncated,
        "state": state(notice),
        "firing": [alert for alert in notice.alerts if alert.status == "firing"],
        "resolved": [alert for alert in notice.alerts if alert.status == "resolved"],
        "shown": alerts,
        "hidden": hidden,
        "links": tuple(links),
    }
