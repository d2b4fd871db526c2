"""One owner, many members, at constant cost: lists whose members are rows of their own.

A tuple per owner would be rewritten whole for each new member: with a thousand complaints explained by
one outage, the thousandth link would cost a thousand times the first.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from processors.rows import Rows


@dataclass(frozen=True, slots=True)
class Node:
    """A place in an owner's list. `previous` and `next` are entries of the same collection; "" is the end."""

    member: str = ""
    previous: str = ""
    next: str = ""


Index = Rows[Node]


def owner(*parts: str) -> str:
    """The entry that stands for an owner. Unlike a joined string, no two owners can share it."""
    return json.dumps(parts, ensure_ascii=False)


def add(index: Index, owner: str, member: str) -> Index:
    """With this member first among the owner's. Nothing happens when it is there already."""
    entry = _entry(owner, member)
    if entry in index:
        return index
    head = index.get(owner, Node())
    index = index.put(owner, replace(head, next=entry)).put(entry, Node(member, owner, head.next))
    return index.put(head.next, replace(index[head.next], previous=entry)) if head.next else index


def discard(index: Index, owner: str, member: str) -> Index:
    """Without this member. Nothing happens when it is not there."""
    entry = _entry(owner, member)
    node = index.get(entry)
    if node is None:
        return index
    index = index.drop(entry)
    if node.next:
        index = index.put(node.next, replace(index[node.next], previous=node.previous))
    if node.previous == owner and not node.next:
        return index.drop(owner)
    return index.put(node.previous, replace(index[node.previous], next=node.next))


def contains(index: Index, owner: str, member: str) -> bool:
    return _entry(owner, member) in index


def members(index: Index, owner: str) -> Iterator[str]:
    """The owner's members, the latest added first."""
    entry = index[owner].next if owner in index else ""
    while entry:
        node = index[entry]
        yield node.member
        entry = node.next


def _entry(owner: str, member: str) -> str:
    return json.dumps([owner, member], ensure_ascii=False)
