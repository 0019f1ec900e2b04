"""The program's entry: the command line, or the token child in a packaged program."""

import _signal  # type: ignore[import-not-found]  # `signal` itself would double what a key press imports
import sys

from tray import key_press


def main() -> int:
    """Run the command line; a frozen program is its own token child.

    An upgrade signals every process of the replaced file. Only the tray, which listens later, has something to do then.
    """
    if hasattr(_signal, "SIGUSR1"):
        _signal.signal(_signal.SIGUSR1, _signal.SIG_IGN)
    if getattr(sys, "frozen", False) and sys.argv[1:2] == ["token-child"]:
        from tray.signin.child.__main__ import main as token_child  # noqa: PLC0415  the tray never imports it

        return token_child()
    code, failure = _by_key()
    if code is not None:
        return code
    from tray import cli  # noqa: PLC0415  the token child and a key press start without the command line

    return cli.no_outcome(failure) if failure else cli.run(sys.argv[1:])


def _by_key() -> tuple[int | None, BaseException | None]:
    """Carry out what a key is bound to; return the exit code, or why there is none."""
    try:
        return key_press.run(sys.argv[1:]), None
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001  the command line has the words for it
        return None, exc


if __name__ == "__main__":
    sys.exit(main())
