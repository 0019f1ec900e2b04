"""The program's entry: the command line, or the token child in a packaged program."""

import signal
import sys


def main() -> int:
    """Run the command line; a frozen program is its own token child.

    An upgrade signals every process of the replaced file. Only the tray, which listens later, has something to do then.
    """
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    if getattr(sys, "frozen", False) and sys.argv[1:2] == ["token-child"]:
        from tray.signin.child.__main__ import main as token_child  # noqa: PLC0415  the tray never imports it

        return token_child()
    from tray import cli  # noqa: PLC0415  the token child starts without the command line

    return cli.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
