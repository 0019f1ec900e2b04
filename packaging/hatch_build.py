"""Compiles the catalogues and the help pages when the wheel is built, a developer's editable one included."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

import catalogues


class CompiledCatalogues(BuildHookInterface[Any]):
    """Hatch calls it before it packs the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatch's signature
        """Compile."""
        catalogues.compile_all(Path(self.root))
