"""Writes the .desktop file or the metainfo with its texts in every language: `python localised.py FILE`."""

import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape, unescape

import words

TEXT = re.compile(r"(?m)^( *)<(summary|p|li)>(.*)</\2>\n")


def desktop_entry(text: str) -> str:
    """Return a desktop entry with a line for each language after the English one."""
    lines = []
    for line in text.splitlines():
        key, _, value = line.partition("=")
        lines.append(line)
        if words.DESKTOP.get(key) == value:
            lines += [f"{key}[{language}]={said}" for language, said in words.in_each(value).items()]
    return "\n".join([*lines, ""])


def metainfo(text: str) -> str:
    """Return AppStream's metainfo with an element for each language after the English one."""

    def all_languages(element: re.Match[str]) -> str:
        indent, name, english = element.groups()
        said = words.in_each(unescape(english)) if unescape(english) in words.METAINFO else {}
        others = (f'{indent}<{name} xml:lang="{language}">{escape(of)}</{name}>\n' for language, of in said.items())
        return "".join([element[0], *others])

    return TEXT.sub(all_languages, text)


if __name__ == "__main__":
    file = Path(sys.argv[1])
    write = desktop_entry if file.suffix == ".desktop" else metainfo
    sys.stdout.buffer.write(write(file.read_text("utf-8")).encode())
