"""`rules`: lists what sets a status by itself, switches a rule in the settings, and pauses them all."""

import argparse

from tray import settings_file
from tray.commands.app import App, find
from tray.commands.menu_items import press
from tray.commands.output import say
from tray.control.requests import Press
from tray.core.rules import SWITCHES
from tray.core.values import Origin
from tray.errors import NotRunning, UsageError
from tray.messages import commands as command_words
from tray.messages import rules as words
from tray.messages.presence import label
from tray.paths import locate
from tray.settings import load

PAUSES = {"pause": True, "resume": False}


def rules(args: argparse.Namespace) -> int:
    """List the rules, switch one, or pause them all."""
    if args.rule is None:
        status = find().status()
        for rule in status["rules"]:
            say(words.rule(rule, status.get("hold")))
    elif args.rule in PAUSES:
        pause = PAUSES[args.rule] is (args.switch != "off")
        if press(find(), "rules-pause", on=pause) is Press.NOTHING:
            raise UsageError(*words.no_rules())
        say(words.paused(pause=pause))
    elif args.switch is None:
        raise UsageError(*words.on_or_off(args.rule))
    else:
        _switch(Origin(args.rule), on=args.switch == "on")
    return 0


def _switch(rule: Origin, *, on: bool) -> None:
    """Write the settings, and have the running app read them; without one they count from its next start."""
    try:
        app: App | None = find()
    except NotRunning:
        app = None
    paths = locate(demo=bool(app and app.demo))
    settings = load(paths)
    switch = SWITCHES[rule]
    if switch.key in settings.managed:
        raise UsageError(*words.rule_is_managed(rule))
    if on and switch.sets and not settings.allows(switch.sets.key):
        raise UsageError(*command_words.state_locked(label(switch.sets)))
    if on and rule is Origin.HOURS and not settings.hours:
        raise UsageError(*words.no_hours())
    settings_file.write(paths, settings_file.rule_values(rule, on=on))
    if app:
        app.ask({"do": "settings-written"})
    say(words.switched(rule, on=on))
