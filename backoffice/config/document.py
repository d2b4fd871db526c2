"""A YAML file as plain values, and the line on which each of them stands."""

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from backoffice.config.problems import ConfigurationError, Location, Problem


class Document:
    """A file's content. `values` is what it says, `root` how it is written, `line` where."""

    def __init__(self, values: Any, root: Node | None) -> None:
        self.values = values
        self.root = root

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Raises ConfigurationError when there is no such file or it is not YAML."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise ConfigurationError(path, [Problem(1, "", f"cannot be read: {why} (name another file)")]) from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(path, [Problem(1, "", "is not UTF-8 text (save it as UTF-8)")]) from error
        try:
            values = YAML(typ="safe", pure=True).load(io.StringIO(text))
            return cls({} if values is None else values, YAML(pure=True).compose(io.StringIO(text)))
        except YAMLError as error:
            raise ConfigurationError(path, [_syntax_error(error)]) from error

    def line(self, location: Location) -> int:
        """The line, from 1, of a value, or of the nearest one around it that is written down."""
        line, node = 1, self.root
        for part in location:
            found = _child(node, part)
            if found is None:
                break
            line, node = found
        return line

    def has(self, location: Location) -> bool:
        """Whether the value is written down."""
        node = self.root
        for part in location:
            found = _child(node, part)
            if found is None:
                return False
            _, node = found
        return True


def _child(node: Node | None, part: str | int) -> tuple[int, Node] | None:
    """The line and node of an entry: the line of its key, for an entry of a mapping."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line + 1, item
    return None


def _syntax_error(error: YAMLError) -> Problem:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    what = error.problem if isinstance(error, MarkedYAMLError) and error.problem else str(error).splitlines()[0]
    return Problem(mark.line + 1 if mark else 1, "", f"is not valid YAML: {what} (correct the syntax)")
