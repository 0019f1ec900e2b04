"""Rows of the menu as commands: the running app presses its own row, so that both do the same."""

import argparse
from datetime import datetime, time, timedelta
from typing import Any

from tray import durations, settings_file
from tray.clock import LocalZone
from tray.commands.app import App, find, told
from tray.commands.output import say, tell
from tray.commands.states import keep_for
from tray.control.outcome import is_picked
from tray.control.requests import Press
from tray.core.values import Document, Keep
from tray.desktop import opener
from tray.errors import NotRunning, TrayError, UsageError
from tray.messages import commands as words
from tray.messages import menu
from tray.messages import settings_page as page_words
from tray.paths import locate
from tray.settings import load
from tray.signin.registration import automatic_replies

OPENING = 3.0  # seconds in which an opener that cannot open something says so


def press(app: App, row: str, *, on: bool | None = None) -> Press:
    """Press a row of the running app, unless it is `on` already."""
    return Press(app.ask(_press(row, on=on))["press"])


def pin(args: argparse.Namespace) -> int:
    """Switch whether the hold overrides Teams; without a hold, whether the next one will."""
    on = args.switch == "on"
    answer = find().outcome(_press("pin", on=on))
    if answer.get("automatic"):
        raise UsageError(*words.override_is_not_for_rules())
    if answer["press"] == Press.NOTHING and "locked" not in answer:
        raise UsageError(*words.cannot_override(on=on))
    return _told(answer, words.next_overrides(on=on))


def keep(args: argparse.Namespace) -> int:
    """Change how long the hold lasts; without a hold, the next one."""
    wanted = keep_for(" ".join(args.keep))
    app = find()
    if not isinstance(wanted, Keep):
        return _keep_until(app, wanted)
    answer = app.outcome(_press(f"keep-{wanted}"))
    if answer["press"] == Press.NOTHING:
        raise UsageError(*words.day_is_over())
    return _told(answer, words.next_is_kept(wanted))


def _keep_until(app: App, wanted: timedelta | time) -> int:
    """Give the status that is set another end; the next one gets its own with `set`."""
    answer = app.ask({"do": "status"})
    if not (is_picked(answer["status"]["hold"]) or answer["errands"].get("hidden")):
        raise UsageError(*words.nothing_to_keep())
    now = datetime.fromisoformat(answer["now"])  # a demo's clock is faster
    until = now + wanted if isinstance(wanted, timedelta) else durations.next_time(wanted, now, LocalZone())
    return told(app.outcome({"do": "keep", "until": until.isoformat()}))


def _press(row: str, *, on: bool | None = None) -> dict[str, Any]:
    """Return the request to press a row, unless it is `on` already."""
    return {"do": "press", "row": row, "on": on}


def _told(answer: dict[str, Any], for_the_next: str) -> int:
    """Print what has become of the hold, or without one what the next will be like."""
    if "exit_code" in answer:
        return tell(answer)
    say(for_the_next)
    return 0


def press_row(args: argparse.Namespace) -> int:
    """Press the row that has the command's name, if it can be clicked now."""
    say(words.pressed(args.command, clickable=press(find(), args.command) is Press.POSTED))
    return 0


def settings(_args: argparse.Namespace) -> int:
    """Open the settings page, of the app that runs or else of none; print its link for those without a browser."""
    try:
        demo = find().demo
    except NotRunning:
        demo = False
    page = opener.start_settings_page(demo=demo)
    link = page.stdout.readline().strip().partition(" ")[2] if page.stdout else ""
    if not link:
        raise TrayError(*page_words.settings_not_opened())
    say(page_words.settings_opened(link))
    return 0


def open_document(args: argparse.Namespace) -> int:
    """Open the settings, the log, the help or Outlook's page for automatic replies; works without the app."""
    paths, document = locate(demo=False), Document(args.document)
    file = paths.settings_file
    if document is Document.SETTINGS:
        try:
            settings_file.ensure(paths)
        except OSError as exc:
            raise TrayError(*words.not_opened(str(file), exc.strerror or str(exc))) from exc
    outlook = automatic_replies(load(paths)) if document is Document.AUTOMATIC_REPLIES else ""
    target = opener.target_of(document, settings_file=file, log_file=paths.log_file, automatic_replies=outlook)
    say(words.opening(target))
    opener.open_target(document, target).join(OPENING)
    return 0


def demo(args: argparse.Namespace) -> int:
    """Play a scenario of the running demo, or list them all."""
    if args.scenario is None:
        width = max(map(len, menu.SCENARIOS))
        for key in menu.SCENARIOS:
            say(f"{key:<{width}}  {menu.scenario(key)}")
        return 0
    try:
        answer = App(locate(demo=True).channel, demo=True).ask({"do": "press", "row": f"demo-{args.scenario}"})
    except NotRunning as exc:
        raise NotRunning(*words.no_demo()) from exc
    if answer["press"] == Press.NOTHING:
        raise TrayError(*words.not_played())
    say(words.played(menu.scenario_ends(args.scenario) if answer.get("was_on") else menu.scenario(args.scenario)))
    return 0
