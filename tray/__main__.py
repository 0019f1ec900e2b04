"""The program's entry: the command line, or in a packaged program one of its other processes."""

import _signal  # type: ignore[import-not-found]  # `signal` itself would double what a key press imports
import gc
import sys

# The hidden first argument of a packaged program → what it runs then.
PROCESSES = {"token-child": "tray.signin.child.__main__", "settings-page": "tray.settings_page.__main__"}


def main() -> int:
    """Run the command line; a frozen program is its own token child and settings page.

    An upgrade signals every process of the replaced file. Only the tray, which listens later, has something to do then.
    """
    if hasattr(_signal, "SIGUSR1"):
        _signal.signal(_signal.SIGUSR1, _signal.SIG_IGN)
    _at_ctrl_c(_signal.SIG_DFL)  # while it is loaded: to end without a word
    if getattr(sys, "frozen", False) and (module := PROCESSES.get("".join(sys.argv[1:2]))):
        __import__(module)  # `importlib` is more than a key press should load
        _at_ctrl_c(_signal.default_int_handler)
        return int(sys.modules[module].main())
    gc.disable()  # what is loaded stays; to look for garbage in it takes a tenth of the start
    code, failure = _by_key()
    if code is not None:
        return code
    _at_ctrl_c(_signal.SIG_DFL)
    from tray import cli  # noqa: PLC0415  the token child and a key press start without the command line

    _at_ctrl_c(_signal.default_int_handler)
    return cli.no_outcome(failure) if failure else cli.run(sys.argv[1:])


def _by_key() -> tuple[int | None, BaseException | None]:
    """Carry out what a key is bound to; return the exit code, or why there is none."""
    from tray import key_press  # noqa: PLC0415  nothing is loaded before an upgrade's signal is harmless

    _at_ctrl_c(_signal.default_int_handler)
    try:
        return key_press.run(sys.argv[1:]), None
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001  the command line has the words for it
        return None, exc


def _at_ctrl_c(handler: object) -> None:
    """Choose what Ctrl-C does, unless whoever started this has it ignored."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, handler)


if __name__ == "__main__":
    sys.exit(main())
