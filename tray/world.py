"""The world the program acts in: Microsoft's, or the demo's sandbox; the engine cannot tell them apart.

Both are opened late: a world's network stack and token side are imported by the first call that needs them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tray.clock import Clock
from tray.core.events import LeversRead
from tray.paths import Paths
from tray.performing import Graph
from tray.settings import Settings
from tray.signin.protocol import TokenSource


@dataclass(frozen=True, slots=True)
class World:
    """How to reach Graph and the token side, and the levers of a demo."""

    graph: Callable[[], Graph]
    source: Callable[[], TokenSource]
    pull: Callable[[str], LeversRead]  # an empty lever only reads them


def open_real(settings: Settings, paths: Paths) -> World:
    """Return Microsoft's world as the settings name it."""

    def graph() -> Graph:
        from tray.graph.http import GraphClient  # noqa: PLC0415  the network stack comes after the icon

        return GraphClient(settings.graph_origin, settings.client_id or "")

    def source() -> TokenSource:
        from tray.signin import open_source  # noqa: PLC0415

        return open_source(settings, paths)

    return World(graph, source, lambda _lever: LeversRead(()))


def open_demo(clock: Clock, profile: str) -> World:
    """Return the sandbox's world: no account, no network, no keyring."""
    from tray.sandbox.demo import Demo  # noqa: PLC0415

    demo = Demo(clock, profile)
    return World(demo.graph, demo.source, demo.pull)
