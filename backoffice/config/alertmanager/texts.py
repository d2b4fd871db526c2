"""A YAML file as Alertmanager reads it: what a text is wanted for is the text that was written, `on` and `007` too."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_NULL = "tag:yaml.org,2002:null"
_MERGE = "<<"


def texts(node: Node | None, below: str = "") -> Any:
    """Mappings, lists and texts. What is null counts as not written, but for a label's value: that is an empty text,
    and not an expression. `below`: the key it stands under."""
    if isinstance(node, MappingNode):
        entries = dict(_entries(node))
        if below.endswith("match"):
            return {key: value or "" for key, value in entries.items()}
        return {key: value for key, value in entries.items() if value is not None or below.endswith("match_re")}
    if isinstance(node, SequenceNode):
        return [texts(item) for item in node.value]
    if isinstance(node, ScalarNode):
        return None if str(node.tag) == _NULL else node.value
    return None


def _entries(node: MappingNode) -> Iterator[tuple[str, Any]]:
    """What is merged in (`<<: *defaults`) first, so that what is written here counts."""
    for key, value in node.value:
        if key.value == _MERGE:
            for merged in value.value if isinstance(value, SequenceNode) else [value]:
                yield from _entries(merged)
    for key, value in node.value:
        if key.value != _MERGE:
            yield key.value, texts(value, key.value)
