"""Addresses that a request names: where to go after signing in, and whose page a request came from."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def local(path: str | None) -> str:
    """The path, where it is one of this console's own; else its first page. So nobody is led to another site."""
    if not path or not path.startswith("/") or path.startswith("//") or len(path) > 2_000:
        return "/"
    if "\\" in path or not path.isprintable() or any(blank in path for blank in "\t\r\n"):
        return "/"  # browsers read a backslash as a slash, and leave blanks out
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path


def same_origin(headers: Headers, url: str | None) -> bool:
    """Whether a request came from a page of ours: as its Origin says, which browsers send and no page can change.

    `url`: the address that people see, where a proxy stands before us and may have changed the Host.
    """
    origin = urlsplit(headers.get("origin", ""))
    if not origin.scheme or not origin.netloc:
        return False
    if url is not None and (origin.scheme, origin.netloc) == urlsplit(url)[:2]:
        return True
    return origin.scheme in ("http", "https") and origin.netloc == headers.get("host", "")
