"""What people type, as the parser takes it: `busy until 17:00` is `set busy --until 17:00`."""

from collections.abc import Collection, Sequence

from tray import durations
from tray.commands.states import SHORT, find_never_sent, find_state
from tray.core.states import BY_KEY
from tray.errors import UsageError, nearest
from tray.messages import commands as words

IN_THE_MENU = {"override": "pin"}  # what the menu calls a command
TAKES_A_STATE = frozenset({"set", "toggle", "hold"})
TIMES = {"for": "--for", "until": "--until", "--for": "--for", "--until": "--until"}
TAKES_A_VALUE = frozenset({"--message", "--speed", "--profile"})


def understood(typed: Sequence[str], commands: Collection[str]) -> list[str]:
    """Return what was typed with its command first; a status where a command could stand is set. Raise UsageError."""
    first, *rest = typed
    if first in IN_THE_MENU:
        return [IN_THE_MENU[first], *rest]
    if first == "keep" and rest and rest[0].startswith("-") and rest[0][1:2].isdigit():
        return [first, "--", *rest]  # "-5m" is no option
    if first in TAKES_A_STATE:
        status, options = _arguments(rest)
        _refuse_more_than_a_state(status.split())
        return [first, *([status] if status else []), *options]
    if first in commands or first.startswith("-"):
        return list(typed)
    status, options = _arguments(typed)
    if find_state(status) or find_never_sent(status):
        return ["set", status, *options]
    _refuse_more_than_a_state(status.split())
    near = nearest(first.casefold(), [*commands, *BY_KEY, *SHORT])
    raise UsageError(*words.unknown_command(first, near))


def _refuse_more_than_a_state(said: Sequence[str]) -> None:
    """Raise UsageError for a word behind a status that is not part of it: `busy untill`."""
    if find_state(" ".join(said)):
        return
    for count in range(len(said) - 1, 0, -1):
        if find_state(" ".join(said[:count])):
            near = nearest(said[count].casefold(), [each for each in TIMES if each.isalpha()])
            raise UsageError(*words.not_after_a_state(said[count], near))


def _arguments(typed: Sequence[str]) -> tuple[str, list[str]]:
    """Return a status as one word, however many it has, and the options with their times."""
    status: list[str] = []
    time: list[str] = []  # `busy 17:00`, `busy 1 h 30`
    times: dict[str, list[str]] = {}
    options: list[str] = []
    words_go = status
    left = iter(typed)
    for word in left:
        if option := TIMES.get(word.casefold()):
            words_go = times.setdefault(option, [])
        elif word in TAKES_A_VALUE and (value := next(left, None)) is not None:
            options.append(f"{word}={value}")  # in one word: a text may begin with a dash
        elif word.startswith("-") and not word[1:2].isdigit():
            options.append(word)
        else:
            words_go = time if words_go is status and status and word[0:1].isdigit() else words_go
            words_go.append(word)
    if time:
        times[_option_of(" ".join(time))] = time
    for option, said in times.items():
        options.append(f"{option}={' '.join(said)}" if said else option)
    return " ".join(status), options


def _option_of(time: str) -> str:
    return "--for" if durations.is_duration(time) else "--until"
