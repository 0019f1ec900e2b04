"""The command that writes down which app registration to sign in with; must not know how signing in works."""

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress

from tray import settings_file
from tray.commands.account import signed_in, source
from tray.commands.app import App
from tray.commands.output import say
from tray.core.values import SignInWay
from tray.errors import BadSettings, TrayError, UsageError
from tray.messages import account as words
from tray.paths import Paths, locate
from tray.settings import Settings, checked, load


def setup(args: argparse.Namespace) -> int:
    """Ask for what signing in needs, write it into the settings file, and offer to sign in."""
    paths = locate(demo=False)
    settings = load(paths)
    asked = asked_for(settings, args)
    if not asked:
        say(words.all_managed())
        say(words.sign_in_later())
        return 0
    alone = all(asked.values())
    if not (alone or sys.stdin.isatty()):
        raise UsageError(*words.not_interactive())
    if not alone:
        say(words.registration())
    values = {key: value or prompted(paths, key, getattr(settings, key), input) for key, value in asked.items()}
    settings_file.write(paths, values)
    say(words.written(str(paths.settings_file)))
    with suppress(TrayError):
        App(paths.channel, demo=False).status()
        say(words.restart())
    if not alone and _agrees():
        return signed_in(source(paths), SignInWay.BROWSER)
    say(words.sign_in_later())
    return 0


def asked_for(settings: Settings, args: argparse.Namespace) -> dict[str, str | None]:
    """Return what setup decides with what was typed for it; raise `UsageError` for what is not the user's to say."""
    typed: dict[str, str | None] = {"client_id": args.client_id, "tenant": args.tenant}
    if settings.authority and not args.tenant:
        del typed["tenant"]  # the authority names it
    for key in settings.managed & set(typed):
        if typed.pop(key):
            raise UsageError(*words.managed(key))
    return typed


def prompted(paths: Paths, key: str, now: str | None, ask: Callable[[str], str]) -> str:
    """Ask until the answer is right, or none, which keeps what is set; raise `UsageError` at the end of input."""
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
        return input(words.sign_in_now()).strip().casefold() in ("", "y", "yes")
    except EOFError:
        say("")
        return False
