"""A table of records, as one element of the page however long it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is what a checkbox is called; `cells` are as many as there are columns, the last the widest."""

    id: str
    href: str
    name: str
    cells: tuple[str, ...]

    def said(self) -> dict[str, Any]:
        return {"id": self.id, "href": self.href, "name": self.name, "cells": list(self.cells)}


class Rows(Element, component="rows.js"):
    """`choose` hears the ids that are chosen; without it, nothing can be. The cell of column `link` leads to the row's
    address, in another tab where `beside`."""

    def __init__(
        self,
        label: str,
        columns: Sequence[str],
        empty: str,
        choose: Callable[[Sequence[str]], Any] | None = None,
        link: int = 0,
        beside: bool = False,
    ) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["columns"] = list(columns)
        self._props["empty"] = empty
        self._props["link"] = link
        self._props["target"] = "_blank" if beside else "_self"
        self._props["rows"] = []
        self._props["choosing"] = choose is not None
        if choose is not None:
            self.on("chosen", lambda event: choose(_ids(event.args)))

    def show(self, rows: Sequence[Row]) -> None:
        """These, in this order."""
        said = [row.said() for row in rows]
        if said != self._props["rows"]:
            self._props["rows"] = said
            self.update()

    def add(self, rows: Sequence[Row], most: int) -> None:
        """These above the others, the last of them first; no more than `most` are kept."""
        if rows:
            self.run_method("add", [row.said() for row in rows], most)

    def clear_all(self) -> None:
        """Nothing that was added is shown any more, and nothing is chosen."""
        self.run_method("clear")


def _ids(said: object) -> list[str]:
    """What the browser says, which may be anything."""
    return [str(id) for id in said] if isinstance(said, list) else []
