"""Records: frozen values with slots, equal when their fields are.

They are msgspec's structs. A frozen dataclass says the same, but Python takes a millisecond to make each class, and the
program has a hundred of them to make before its icon has a menu.
"""

from typing import dataclass_transform

import msgspec
from msgspec.structs import fields, replace

__all__ = ["Record", "fields", "replace"]


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Record(msgspec.Struct, frozen=True):
    """A frozen value; `replace` makes a changed copy."""
