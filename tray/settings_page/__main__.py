"""The process of the settings page: shows the page that is there already, or serves one and opens it.

It writes `link ADDRESS` to standard output, once for each time that the page is opened, and `unopened ADDRESS` if no
browser opened it. It takes no settings on its command line, which others can read.
"""

import signal
import sys
from contextlib import suppress
from typing import Any

from tray import language, logs
from tray.control import server as control
from tray.control.client import ask
from tray.control.protocol import refusal
from tray.desktop.browser import browse
from tray.errors import AlreadyRunning, NotRunning, TrayError
from tray.paths import Paths, locate
from tray.settings_page.application import Application
from tray.settings_page.pages import Pages
from tray.settings_page.running_app import RunningApp
from tray.settings_page.server import Server
from tray.settings_page.visitors import Visitors

DEMO, BY_APP = "--demo", "--by-app"
STDIN = 0
ENDS = ("SIGTERM", "SIGUSR1")  # the latter from an upgrade, which has replaced the files that would be served


def main() -> int:
    """Open the page; return when it is over, or at once if another process serves it."""
    demo, starter = DEMO in sys.argv[1:], STDIN if BY_APP in sys.argv[1:] else None
    paths = locate(demo=demo)
    language.speak(language.of_settings(paths))
    try:
        _open_elsewhere(paths)
    except NotRunning:
        try:
            _serve(paths, starter, demo=demo)
        except AlreadyRunning:  # it has just begun
            _open_elsewhere(paths)
    return 0


def _open_elsewhere(paths: Paths) -> None:
    """Let the process that serves the page open it once more; raise `NotRunning`."""
    _say("link", ask(paths.page_channel, {"do": "open"})["link"])


def _serve(paths: Paths, starter: int | None, *, demo: bool) -> None:
    visitors = Visitors()
    application = Application(Pages(paths, RunningApp(paths, demo=demo), demo=demo), visitors)
    server = Server(application, paths.channel, starter=starter)
    for name in ENDS:
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: server.end())

    def opened() -> str:
        link = f"{application.origin}/open/{visitors.invite()}"
        _say("link", link)
        browse(link, lambda: _say("unopened", link))
        return link

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "open":
                return {"ok": True, "link": opened()}
            case "close":
                server.end()
                return {"ok": True}
        return refusal("there are: open, close")

    channel = control.serve(paths.page_channel, answer)
    logs.start(paths.page_log_file, "warning", delay=True)
    try:
        opened()
        server.run()
    finally:
        channel.stop()


def _say(word: str, link: str) -> None:
    with suppress(OSError, ValueError):  # nobody listens any more
        print(word, link, flush=True)  # noqa: T201  for whoever started the process


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (KeyboardInterrupt, TrayError):
        sys.exit(1)
