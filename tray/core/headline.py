"""What is set, what is wrong and what Teams shows, in the two lines on top of the menu and in the tooltip."""

from datetime import timedelta

from tray.core.model import Engine
from tray.core.readback import difference, is_kept, shown
from tray.core.rules import in_force
from tray.core.status import held_by, meanwhile, override_would_help
from tray.core.values import Difference, HeldBy
from tray.messages import menu as words
from tray.messages import presence, signin
from tray.messages.notices import trouble_words

RECENT = timedelta(minutes=10)  # how long a second start is worth a line


def headline(engine: Engine) -> str:
    """Say in one line which status is set, or why none is."""
    hold = engine.wish.hold
    found = in_force(engine.situation) if engine.config.rules.any else None
    if hold:
        if not is_kept(engine) and engine.trouble is None:
            return words.setting(hold)
        text = words.held(hold, engine.config.zone, engine.clock)
        if found and found.then:
            text = presence.then(text, found.then.hold.state if found.then.hold else None)
        return presence.not_set_yet(text) if held_by(engine) is HeldBy.NOTHING else text
    if engine.service.has_leases:
        return words.clearing()
    if engine.signing_in:
        return words.signing_in()
    if is_starting(engine):
        return words.starting()
    if found and found.claim and engine.identity.signed_in:
        text = words.nothing_of_ours(found.claim.origin)
        return presence.then(text, found.then.hold.state) if found.then and found.then.hold else text
    return words.no_status() if engine.identity.signed_in or engine.trouble else words.signed_out()


def is_starting(engine: Engine) -> bool:
    """Tell whether it is unknown who is signed in, because the first errand is not back yet."""
    unknown = engine.saved is None or (engine.calls.errand is not None and engine.calls.count == 1)
    return unknown and not engine.identity.signed_in and engine.trouble is None


def problem(engine: Engine) -> str | None:
    """Say in a few words what is wrong; `None` when nothing is."""
    floor = engine.calls.retry.floor
    if (engine.wish.hold or engine.service.has_leases) and floor and engine.clock < floor:
        return words.limited(floor - engine.clock)
    return trouble_words(engine.trouble)[0] if engine.trouble else None


def shown_instead(engine: Engine) -> str | None:
    """Say what Teams shows where it is something else than what is set; nothing of a status it is slow to show."""
    seen = shown(engine)
    if seen is None or difference(engine) in {None, Difference.NOT_YET_SHOWN}:
        return None
    return words.teams_shows(presence.shown(seen.pair))


def lines(engine: Engine) -> tuple[str, str]:
    """Say what is wrong and what helps; if nothing is, what is set and what Teams shows."""
    prompt, trouble = engine.calls.prompt, engine.trouble
    if prompt and prompt.code:
        left = prompt.until - engine.clock if prompt.until else None
        return words.go_to(prompt.link), words.enter_code(prompt.code, left)
    if prompt and prompt.keyring:
        return words.keyring_asks(), words.BLANK
    if prompt and prompt.unopened:
        return signin.no_browser()
    if engine.signing_in:
        return headline(engine), words.in_your_browser()
    if is_starting(engine):
        return headline(engine), words.BLANK
    if line := problem(engine):
        instead = meanwhile(engine)
        return line, trouble_words(trouble, instead)[1] if trouble else instead or words.will_be_set()
    return headline(engine), _what_teams_shows(engine)


def _what_teams_shows(engine: Engine) -> str:
    """Say what Teams shows and why, or what else there is to know."""
    seen, code = shown(engine), difference(engine)
    status = presence.shown(seen.pair) if seen else None
    if status and code is Difference.CHOSEN:
        return words.chosen_instead(status)
    if code:
        return presence.why(code, override_would_help=override_would_help(engine))
    second = engine.desktop.second_start_at
    if second and engine.clock - second < RECENT:
        return words.second_start(second, engine.config.zone)
    if not engine.identity.signed_in:
        waiting = engine.wish.waiting
        return words.set_after_sign_in(waiting) if waiting else words.sign_in_first()
    if engine.wish.chosen:
        return words.chosen_in_teams(status or presence.shown(engine.wish.chosen))
    if seen and seen.out_of_office:
        return words.out_of_office()
    if (message := engine.message.current(engine.clock)) and message.text:
        return words.status_message(message, engine.config.zone, engine.clock)
    return words.teams_shows(status)
