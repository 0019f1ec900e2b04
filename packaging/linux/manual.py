"""Writes the man page from the command line's own parser.

argparse-manpage makes a page without a sentence under NAME, with headings such as POSITIONAL ARGUMENTS, with each usage
twice, and with the exit codes under COMMENTS.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from words import FILES, HEADINGS, SUMMARY

from tray import __version__
from tray.cli import parser
from tray.messages import catalogue
from tray.messages import help as words
from tray.messages.catalogue import translated


def page(when: datetime) -> str:
    """Return the page in man(7)'s macros."""
    top = parser()
    lines = [
        f'.TH PRESENCE-TRAY 1 {when:%Y-%m-%d} "Presence Tray {__version__}" "{titled("manual")}"',
        f".SH {titled('name')}",
        rf"presence-tray \- {translated(SUMMARY)}",
        f".SH {titled('synopsis')}",
        *usage(top),
        f".SH {titled('description')}",
        *map(text, words.description().splitlines()),
        f".SH {titled('commands')}",
    ]
    for name, command in commands(top).items():
        lines += [f".SS {text(name)}", ".PP", *usage(command), ".PP", text(command.description or "")]
        lines += [line for action in told(command) for line in entry(action)]
    lines += [f".SH {titled('options')}", *(line for action in told(top) for line in entry(action))]
    for heading, body in sections(words.epilog()):
        lines += [f".SH {heading}", ".nf", *map(text, body), ".fi"]
    lines += [f".SH {titled('files')}"]
    for file, what in FILES.items():
        lines += [".TP", rf"\fI{text(file)}\fR", text(translated(what))]
    return "\n".join([*lines, ""])


def titled(of: str) -> str:
    """Return a heading in the page's language."""
    return translated(HEADINGS[of])


def commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the commands in the order of `--help`, each with all its names."""
    (table,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    names: dict[argparse.ArgumentParser, list[str]] = {}
    for name, command in table.choices.items():
        names.setdefault(command, []).append(name)
    return {", ".join(called): command for command, called in names.items()}


def usage(command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the usage as one line, which the reader's terminal breaks."""
    program, _, rest = " ".join(command.format_usage().removeprefix(translated("usage: ")).split()).partition(" [")
    yield rf"\fB{text(program)}\fR [{text(rest)}"


def told(command: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the options and arguments that have a help text."""
    for action in command._actions:
        ours = not isinstance(action, argparse._SubParsersAction | argparse._HelpAction)
        if ours and action.help not in (None, argparse.SUPPRESS):
            yield action


def entry(action: argparse.Action) -> list[str]:
    """Return an option or argument with its meaning."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else "")
    names = [rf"\fB{text(name)}\fR" for name in action.option_strings]
    shown = ", ".join(names) + (rf" \fI{text(str(value))}\fR" if value else "")
    return [".TP", shown.strip(), text(action.help or "")]


def sections(epilog: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the paragraphs of the epilog, each under its own first line."""
    for paragraph in epilog.split("\n\n"):
        heading, *body = paragraph.splitlines()
        first, _, rest = heading.partition(":")
        yield first.strip().upper(), [line.strip() for line in [rest, *body] if line.strip()]


def text(plain: str) -> str:
    r"""Escape what roff would read as its own: a backslash, a hyphen, a dot or a quote at the start of a line."""
    escaped = plain.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    catalogue.speak(*sys.argv[2:] or [catalogue.ENGLISH])
    vars(argparse).update(_=translated)
    sys.stdout.write(page(datetime.fromtimestamp(int(sys.argv[1]), UTC)))
