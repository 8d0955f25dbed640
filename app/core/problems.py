"""Gathers what is wrong with several fields, so that a person hears everything at once."""

from collections.abc import Callable
from typing import TypeVar

from app.core.errors import Invalid

T = TypeVar("T")


class Problems:
    """Field name -> message."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def tried(self, read: Callable[[], T]) -> T | None:
        """The value, or None after noting why it was refused."""
        try:
            return read()
        except Invalid as error:
            self.fields.update(error.fields)
            return None

    def note(self, field: str, message: str) -> None:
        """Add one."""
        self.fields[field] = message

    def refuse(self) -> None:
        """Raise Invalid if anything was noted; a single problem is told by its own words."""
        if self.fields:
            message = next(iter(self.fields.values())) if len(self.fields) == 1 else "Check the marked fields."
            raise Invalid(message, fields=self.fields)
