"""The command that says what is wrong and what helps; must not know how a check is made."""

import argparse
from collections.abc import Iterator

from tray import __version__
from tray.commands import checks
from tray.commands.app import App, find
from tray.commands.checks import Check
from tray.commands.output import say
from tray.desktop.hosts import host_present
from tray.errors import NotRunning, TrayError
from tray.logs import redacted
from tray.messages import doctor as words
from tray.paths import Paths, locate
from tray.settings import Settings
from tray.signin.registration import graph_origin, identity_of


def doctor(args: argparse.Namespace) -> int:
    """Show each check as it is made; exit with the first code that says what failed, else 1 if anything did."""
    say(words.head(__version__))
    paths = locate(demo=False)
    failed = [check.code for check in _shown(_checks(paths)) if check.ok is False]
    if args.trace:
        _show_trace()
    return next((code for code in failed if code > TrayError.exit_code), TrayError.exit_code if failed else 0)


def _shown(made: Iterator[Check]) -> Iterator[Check]:
    for check in made:
        say(redacted(words.line(check.name, check.ok, check.words)))
        if not check.ok and check.cure:
            say(redacted(words.cure_line(check.cure)))
        yield check


def _checks(paths: Paths) -> Iterator[Check]:
    settings_check, settings = checks.settings(paths)
    yield settings_check
    yield checks.folders(paths)
    yield checks.saved_state(paths)
    yield _app(paths)
    yield checks.launch()
    yield checks.tray(host_present)
    if settings:
        yield from _service(paths, settings)


def _app(paths: Paths) -> Check:
    try:
        status = App(paths.channel, demo=False).status()
    except NotRunning:
        return Check("app", ok=None, words=words.not_running())
    except TrayError as exc:
        return Check("app", ok=False, words=exc.title, cure=exc.message)
    trouble = status["trouble"]
    return Check(
        "app",
        ok=not trouble,
        words=trouble["title"] if trouble else words.running(),
        cure=trouble["message"] if trouble else "",
    )


def _service(paths: Paths, settings: Settings) -> Iterator[Check]:
    from tray.graph.client import GraphClient, trust  # noqa: PLC0415  the network stack, after all that needs none

    try:
        client = GraphClient(graph_origin(settings), settings.client_id or "")
        graph = checks.InTime(client)
        yield checks.network(graph)
        yield checks.clock(graph_origin(settings), trust())
        if identity_of(settings):
            from tray.signin import open_source  # noqa: PLC0415  the token side, the same

            yield from checks.account(open_source(settings, paths), graph)
        client.close()
    except TrayError as exc:
        yield Check("network", ok=False, words=exc.title, cure=exc.message, code=exc.exit_code)


def _show_trace() -> None:
    say(f"\n{words.trace()}")
    try:
        for line in _traced(find()):
            say(redacted(line))
    except NotRunning:
        say(words.not_running())


def _traced(app: App) -> Iterator[str]:
    """Yield every line of the running app's trace; an answer holds only some."""
    last = -1
    while lines := (answer := app.ask({"do": "trace", "after": last}))["lines"]:
        yield from lines
        last = answer["last"]
