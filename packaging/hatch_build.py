"""Compiles the catalogues when the wheel is built, a developer's editable one included."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalogues(BuildHookInterface[Any]):
    """Hatch calls it before it packs the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatch's signature
        """Write each catalogue beside its source."""
        for source in sorted(Path(self.root, "tray/messages/locale").glob("*/LC_MESSAGES/*.po")):
            with source.open("rb") as opened, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(opened, abort_invalid=True))
