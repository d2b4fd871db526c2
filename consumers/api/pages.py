"""The few pages that links in notices lead to. No script, nothing loaded from anywhere."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 38rem; padding: 2rem 1rem; }
h1 { font-size: 1.3rem; }
dt { font-weight: 600; }
dd { margin: 0 0 .6rem; overflow-wrap: anywhere; }
button, select { font: inherit; min-height: 2.75rem; padding: 0 1rem; }
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
}

Facts = Sequence[tuple[str, str]]


def page(title: str, says: str, facts: Facts = (), form: str = "", status: int = 200) -> HTMLResponse:
    """A page. Everything but `form`, which is HTML, is text."""
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(says)}</p><dl>{listed}</dl>{form}</main></body></html>"
    )
    return HTMLResponse(html, status, HEADERS)


def confirm(button: str, choices: Sequence[tuple[int, str]] = ()) -> str:
    """A form that posts to the page's own address; with choices of minutes, the first of them is chosen."""
    options = "".join(f'<option value="{minutes}">{escape(text)}</option>' for minutes, text in choices)
    select = f'<p><label>For <select name="minutes">{options}</select></label></p>' if choices else ""
    return f'<form method="post">{select}<button type="submit">{escape(button)}</button></form>'
