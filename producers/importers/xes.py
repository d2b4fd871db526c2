"""XES, the standard of event logs (IEEE 1849): traces of events with typed attributes, as XML."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from producers.importers.model import UnusableFile

XES_START = b"<"

_TYPES = frozenset({"string", "date", "int", "float", "boolean", "id"})


def events(path: Path, stream: IO[bytes]) -> Iterator[Mapping[str, str]]:
    """Each event's attributes by key, its trace's as `case:<key>`; nested ones are left out. Raises UnusableFile.

    One trace is in memory at a time.
    """
    found = 0
    try:
        for _, element in iterparse(stream, events=("end",)):
            if _name(element) != "trace":
                continue
            of_case = {f"case:{key}": value for key, value in _attributes(element).items()}
            for event in element:
                if _name(event) == "event":
                    found += 1
                    yield {**of_case, **_attributes(event)}
            element.clear()
    except ParseError as error:
        raise UnusableFile(f"{path}: not XES after event {found}: {error}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnusableFile(f"{path}: damaged after event {found}: {error}; fetch it again") from error


def _attributes(element: Element) -> dict[str, str]:
    return {
        child.attrib["key"]: child.attrib["value"]
        for child in element
        if _name(child) in _TYPES and "key" in child.attrib and "value" in child.attrib
    }


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
