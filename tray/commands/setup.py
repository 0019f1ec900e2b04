"""The commands that set the app up on a computer and remove it again: setup, autostart, forget."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from tray import files, settings_file
from tray.commands.account import has_keyring, sign_out, signed_in, source
from tray.commands.app import App, leave
from tray.commands.output import say
from tray.core.values import SignInWay
from tray.desktop.system import open_autostart
from tray.errors import BadSettings, NoKeyring, NotRunning, TrayError, UsageError
from tray.messages import account as words
from tray.messages import desktop as desktop_words
from tray.paths import Paths, locate
from tray.settings import Settings, checked, load
from tray.signin.registration import registration_of


def setup(args: argparse.Namespace) -> int:
    """Ask for what signing in needs, write it into the settings file, and offer to sign in."""
    paths = locate(demo=False)
    settings = load(paths)
    asked = asked_for(settings, args)
    if not asked:
        say(words.all_managed())
        say(words.sign_in_later())
        return 0
    complete = all(asked.values())
    if not (complete or sys.stdin.isatty()):
        raise UsageError(*words.not_interactive())
    if not complete:
        say(words.registration())
    values = {key: value or prompted(paths, key, getattr(settings, key), input) for key, value in asked.items()}
    settings_file.write(paths, values)
    say(words.written(str(paths.settings_file)))
    with suppress(TrayError):
        App(paths.channel, demo=False).ask({"do": "settings-written"})
    if not complete and _agrees():
        return signed_in(source(paths), SignInWay.BROWSER)
    say(words.sign_in_later())
    return 0


def asked_for(settings: Settings, args: argparse.Namespace) -> dict[str, str | None]:
    """Return each setting to ask for, with what was typed for it; raise `UsageError` for one that is managed."""
    typed: dict[str, str | None] = {"client_id": args.client_id, "tenant": args.tenant}
    if settings.authority and not args.tenant:
        del typed["tenant"]  # the authority names it
    for key in settings.managed & set(typed):
        if typed.pop(key):
            raise UsageError(*words.managed(key))
    return typed


def prompted(paths: Paths, key: str, now: str | None, ask: Callable[[str], str]) -> str:
    """Ask until the answer is right, or empty to keep what is set; raise `UsageError` at the end of input."""
    while True:
        try:
            answer = ask(words.prompt(key, now)).strip().strip("\"'")
            return str(checked(paths.settings_file, key, answer or now or ""))
        except BadSettings:
            say(words.wrong_answer(key))
        except EOFError as exc:
            say("")
            raise UsageError(*words.not_interactive()) from exc


def _agrees() -> bool:
    """Ask whether to sign in now; the end of input is a no."""
    try:
        answer = input(words.sign_in_now())
        return not answer.strip() or words.is_yes(answer)
    except EOFError:
        say("")
        return False


def autostart(args: argparse.Namespace) -> int:
    """Switch launch at login on or off, or say which it is; `on` also repairs it."""
    system = open_autostart()
    if args.switch != "status":
        try:
            system.switch(on=args.switch == "on")
        except OSError as exc:
            raise TrayError(*desktop_words.launch_not_changed(exc.strerror or str(exc))) from exc
    say(desktop_words.launch(system.read()))
    return 0


def forget(args: argparse.Namespace) -> int:
    """Sign out, end the app, switch launch at login off and remove every file, after a question.

    Each step needs what a later one removes: the tokens are found by the settings, the app writes its state at its end.
    """
    kept = list(dict.fromkeys(file for demo in (False, True) for file in _kept(locate(demo=demo))))
    say(words.what_goes([str(file) for file in kept if file.exists()]))
    if not args.yes:
        _confirm()
    paths = locate(demo=False)
    stays = _sign_in_that_stays(args, paths)
    with suppress(NotRunning):
        while True:  # the app, and then a demo
            leave(args)
    kept = list(dict.fromkeys([*kept, *_kept(paths)]))  # signing out has made a lock
    try:
        with suppress(TrayError):  # a program that cannot launch at login has no entry
            open_autostart().switch(on=False)
        for file in kept:
            files.remove(file)
    except OSError as exc:
        raise TrayError(*words.not_removed(str(exc.filename), exc.strerror or str(exc))) from exc
    for folder in sorted({file.parent for file in kept}, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):  # it was never made, or has other files
            folder.rmdir()
    if stays:
        raise stays
    say(words.forgotten())
    return 0


def _sign_in_that_stays(args: argparse.Namespace, paths: Paths) -> NoKeyring | None:
    """Sign out, and return what to say if the sign-in cannot be found; raise whatever keeps it in a keyring."""
    try:
        if registration_of(load(paths)) is None:
            return None
        if has_keyring(paths):  # also a locked one: without the settings its tokens would never be found
            sign_out(args)
        else:
            say(words.no_keyring())
    except BadSettings as exc:
        try:
            sign_out(args)  # a running app has the settings that it started with
        except BadSettings:
            return NoKeyring(*words.sign_in_may_stay(exc.title))
    return None


def _confirm() -> None:
    """Return if the user agrees; raise `UsageError` otherwise."""
    if not sys.stdin.isatty():
        raise UsageError(*words.forget_not_interactive())
    try:
        answer = input(words.sure())
    except EOFError as exc:  # Windows' NUL says that it is a terminal
        say("")
        raise UsageError(*words.forget_not_interactive()) from exc
    if not words.is_yes(answer):
        raise UsageError(*words.nothing_removed())


def _kept(paths: Paths) -> Iterator[Path]:
    """Yield every file that the program writes and does not remove when it ends."""
    yield paths.settings_file
    for file in (paths.settings_file, paths.state_file, paths.nameless_state_file):
        yield from files.drafts(file)
    for state in (paths.state_file, paths.nameless_state_file):
        yield state
        yield state.with_name(f"{state.name}.broken")
    for log in (paths.log_file, paths.nameless_log_file, paths.page_log_file):
        yield log
        yield log.with_name(f"{log.name}.1")
    yield paths.state_file.with_name("vault.lock")  # of the versions that had one for each home
    yield from paths.vault_lock.parent.glob(f"{paths.vault_lock.stem}-*{paths.vault_lock.suffix}")
    yield paths.settings_lock
    yield paths.lock_file
