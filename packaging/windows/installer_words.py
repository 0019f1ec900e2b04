"""Writes the installer's texts in every language, as NSIS reads them: `python installer_words.py FILE`."""

import sys
from pathlib import Path

import words

from tray.messages.catalogue import ENGLISH, translated

# How NSIS calls the languages. Windows' own chooses among them; English where there is none.
NAMES = {
    ENGLISH: "English",
    "de": "German",
    "es": "SpanishInternational",
    "fr": "French",
    "ja": "Japanese",
    "pt_BR": "PortugueseBR",
}


def script() -> str:
    """Return the lines that define each language and its texts; they follow the installer's pages."""
    lines = []
    for language in [ENGLISH, *words.languages()]:
        if name := NAMES.get(language):
            lines.append(f'!insertmacro MUI_LANGUAGE "{name}"')
            with words.spoken(language):
                lines += [
                    f'LangString {key} ${{LANG_{name.upper()}}} "{quoted(translated(text))}"'
                    for key, text in words.INSTALLER.items()
                ]
    return "\n".join([*lines, ""])


def quoted(text: str) -> str:
    """Return a text as it stands between NSIS' quotes."""
    return text.replace("$", "$$").replace('"', '$\\"').replace("\n", "$\\n")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(script(), "utf-8")
