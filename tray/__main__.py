"""The program's entry; must not know what the commands do."""

import sys


def main() -> int:
    """Run the command line."""
    from tray import cli  # noqa: PLC0415  the token child starts without the command line

    return cli.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
