"""The command that removes all the program keeps for a user, before it is uninstalled; must not know how it got there.

Each step needs what a later one removes: tokens before the settings that name them, the app before its state.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tray import files
from tray.commands import account, app
from tray.commands.output import say
from tray.desktop.autostart import of_this_system
from tray.errors import NotRunning, TrayError, UsageError
from tray.messages import commands as words
from tray.paths import Paths, locate
from tray.settings import load
from tray.signin.registration import registration_of


def forget(args: argparse.Namespace) -> int:
    """Sign out, end the app, switch launching at login off and remove every file; asks first."""
    kept = list(dict.fromkeys(file for demo in (False, True) for file in _kept(locate(demo=demo))))
    say(words.what_goes([str(file) for file in kept if file.exists()]))
    if not args.yes:
        _ask()
    paths = locate(demo=False)
    if registration_of(load(paths)) is not None:
        if account.has_keyring(paths):  # a locked one as well: without the settings nobody would find the tokens in it
            account.sign_out(args)
        else:
            say(words.no_keyring())
    with suppress(NotRunning):
        while True:  # the app, and then a demo
            app.leave(args)
    try:
        with suppress(TrayError):  # a program that cannot launch at login has no entry
            of_this_system().switch(on=False)
        for file in kept:
            files.remove(file)
    except OSError as exc:
        raise TrayError(*words.not_removed(str(exc.filename), exc.strerror or str(exc))) from exc
    for folder in sorted({file.parent for file in kept}, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):  # never made, or somebody else's files are in it
            folder.rmdir()
    say(words.forgotten())
    return 0


def _ask() -> None:
    """Return if the user agrees; raise `UsageError` otherwise."""
    if not sys.stdin.isatty():
        raise UsageError(*words.forget_not_interactive())
    try:
        answer = input(words.sure())
    except EOFError as exc:  # Windows' NUL says that it is a terminal
        say("")
        raise UsageError(*words.forget_not_interactive()) from exc
    if answer.strip().casefold() not in ("y", "yes"):
        raise UsageError(*words.nothing_removed())


def _kept(paths: Paths) -> Iterator[Path]:
    """Yield what the program writes, but for what ends with it."""
    yield paths.settings_file
    yield paths.state_file
    yield paths.state_file.with_name(f"{paths.state_file.name}.broken")
    yield paths.log_file
    yield paths.log_file.with_name(f"{paths.log_file.name}.1")
    yield paths.state_file.with_name("vault.lock")
    yield paths.lock_file
