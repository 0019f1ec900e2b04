"""Signing in: the token child with MSAL and the vault, and the tray's side of its pipe."""

from tray.paths import Paths
from tray.settings import Settings
from tray.signin.child_process import ChildSource, NotSetUp
from tray.signin.registration import identity_of
from tray.signin.source import TokenSource


def open_source(settings: Settings, paths: Paths) -> TokenSource:
    """Return the token side that the settings name; its work happens in a child."""
    identity = identity_of(settings)
    return ChildSource(identity, paths.state_file.with_name("vault.lock")) if identity else NotSetUp()
