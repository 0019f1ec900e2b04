"""Telling the user: a notice is an effect, unless the settings silence them; must not know what is told."""

from dataclasses import replace

from tray.core.effects import Notify
from tray.core.known import Engine
from tray.core.look import Notice


def tell(engine: Engine, notice: Notice) -> Engine:
    """Add a notice, unless the settings silence them."""
    return replace(engine, out=(*engine.out, Notify(notice))) if engine.config.notices else engine
