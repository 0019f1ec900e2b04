"""The command for the status message: sets, clears or prints it."""

import argparse
from datetime import datetime

from tray.clock import LocalZone
from tray.commands.app import App, find, look, polled
from tray.commands.output import say
from tray.commands.states import chosen_until
from tray.control.outcome import PICK_SECONDS
from tray.core.status_message import same
from tray.core.trouble import PASSING
from tray.core.values import Message
from tray.errors import BY_TROUBLE, RefusedByGraph, UsageError
from tray.messages import commands as words
from tray.messages import status as status_words
from tray.messages import status_message as message_words


def message(args: argparse.Namespace) -> int:
    """Set the status message once, clear whatever stands there, or print it."""
    timed = args.length is not None or args.until is not None
    if (args.text is not None and args.clear) or (args.text is None and timed):
        raise UsageError(*message_words.needs_text())
    app = find()
    if args.text is None and not args.clear:
        shown = look(app)["message"]
        if shown and shown["text"]:
            say(shown["text"])
        return 0
    now = datetime.fromisoformat(app.ask({"do": "status"})["now"])  # a demo's clock is faster
    until = chosen_until(args, now)
    text = args.text or ""
    app.ask({"do": "message", "text": text, "until": until.isoformat() if until else None})
    say(_outcome(app, text, now))
    return 0


def _outcome(app: App, text: str, now: datetime) -> str:
    """Wait until Teams has the message, and say so; raise `TrayError` where it will not have it."""
    for status in polled(app, PICK_SECONDS):
        shown, trouble = status["message"], status["trouble"]
        if shown is None and not text:
            return message_words.cleared()
        if shown and same(Message(shown["text"]), Message(text)) and shown["accepted"]:
            return message_words.is_set(status_words.local_time(shown["expires_at"], LocalZone(), now))
        if shown and shown["accepted"] is False:
            raise RefusedByGraph(*message_words.refused())
        if trouble and trouble["code"] in BY_TROUBLE:
            raise BY_TROUBLE[trouble["code"]](trouble["title"], trouble["message"])
        if trouble and trouble["code"] in PASSING:
            return message_words.later(trouble["title"])
    return message_words.later(words.no_answer_yet())
