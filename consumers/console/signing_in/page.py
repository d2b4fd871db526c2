"""The page to sign in at: plain HTML, no script, nothing loaded."""

import base64
import hashlib
from html import escape

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; --ink: #14213d; --paper: #f6f7f9; --card: #fff; --line: #6b7280; --act: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e5e7eb; --paper: #0f1420; --card: #1a2130; --line: #8b93a3; --act: #8ab4ff; }
}
* { box-sizing: border-box; }
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; margin: 0;
  padding: 12vh 1rem; }
main { background: var(--card); border-radius: .75rem; margin: 0 auto; max-width: 22rem; padding: 1.5rem; }
h1 { font-size: 1.3rem; margin: 0 0 1rem; }
label { display: block; font-weight: 600; margin-top: .9rem; }
input { background: transparent; border: 1px solid var(--line); border-radius: .4rem; color: inherit; font: inherit;
  margin-top: .2rem; padding: .6rem; width: 100%; }
button, .other { background: var(--act); border: 0; border-radius: .4rem; color: var(--card); cursor: pointer;
  display: block; font: inherit; font-weight: 600; margin-top: 1.2rem; min-height: 2.75rem; padding: .55rem 1rem;
  text-align: center; text-decoration: none; width: 100%; }
.wrong { border-left: .25rem solid #dc2626; margin: 0; padding-left: .75rem; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
"""

_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

FORM_FIELD = "form"


def sign_in_page(
    base: str, form_token: str, next: str, *, wrong: str = "", local: bool, openid: bool, status: int = 200
) -> HTMLResponse:
    """Asks for a user and a password, or leads to the provider. `base`: the console's own path."""
    said = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    form = _form(base, form_token, next) if local else ""
    other = f'<a class="other" href="{base}/openid/begin?next={escape(next)}">Sign in with your organisation</a>'
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="{base}/favicon.ico">'
        f"<title>Sign in · Backoffice</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>Backoffice</h1>{said}{form}{other if openid else ''}</main></body></html>"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})


def _form(base: str, form_token: str, next: str) -> str:
    return (
        f'<form method="post" action="{base}/sign-in">'
        f'<input type="hidden" name="{FORM_FIELD}" value="{escape(form_token)}">'
        f'<input type="hidden" name="next" value="{escape(next)}">'
        '<label for="user">User</label>'
        '<input id="user" name="user" autocomplete="username" autocapitalize="none" maxlength="200" required autofocus>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        '<button type="submit">Sign in</button></form>'
    )


_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
