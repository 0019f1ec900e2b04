"""Writes the installer's texts in every language, as NSIS reads them: `python installer_words.py FILE`."""

import sys
from pathlib import Path

import words

from tray.messages.catalogue import ENGLISH, ptranslated, translated


def script() -> str:
    """Return the lines that define each language and its texts; they follow the installer's pages.

    Windows' own language chooses among them; English where there is none.
    """
    lines = []
    for language in [ENGLISH, *words.languages()]:
        with words.spoken(language):
            # TRANSLATORS: how NSIS calls your language, in English; *English* where NSIS has no texts in it
            name = ptranslated("NSIS", "English")
            if name == "English" and language != ENGLISH:
                continue
            lines.append(f'!insertmacro MUI_LANGUAGE "{name}"')
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
