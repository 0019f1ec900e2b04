"""Records: frozen values with slots, equal when their fields are.

They are msgspec's structs. A frozen dataclass says the same, but Python takes a millisecond to make each class, and the
program has a hundred of them to make before its icon has a menu.
"""

from typing import dataclass_transform

import msgspec
from msgspec.structs import fields, replace

__all__ = ["PersonalRecord", "Record", "fields", "replace"]


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, frozen=True):
    """A frozen value; `replace` makes a changed copy."""


class PersonalRecord(Record):
    """A record whose texts are for the user alone: they are left out where a record is written into a log."""

    def __repr__(self) -> str:
        """Show the fields that are no text."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        shown = (f"{name}={value!r}" for name, value in values.items() if type(value) is not str)
        return f"{type(self).__name__}({', '.join(shown)})"
