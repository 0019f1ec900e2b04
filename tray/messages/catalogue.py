"""Every sentence goes through here on its way to the user; today all of them are English, and no catalogue is loaded.

How to write a sentence:
- A sentence is one whole template with named placeholders, `"{status} until {time}"`: other languages need another
  order, so nothing is put together from parts. What is counted goes through `ntranslated`.
- Text is looked up when it is said, never at import. A table holds texts marked with `N_`, and whoever reads the table
  translates what it finds.
- No code reads a sentence. What code has to tell apart are separate texts, a title and a message, or a value.

`pybabel extract -k N_ -k translated -k ntranslated:1,2 -k ptranslated:1c,2` finds every text. argparse looks its own
texts ("usage:", "options:", its errors) up with `gettext.gettext`.
"""


def N_(text: str) -> str:  # noqa: N802  the name that gettext's tools know
    """Mark a text in a table for translation."""
    return text


def translated(text: str, /, **values: object) -> str:
    """Return a text with its placeholders filled; where a language will be looked up."""
    return text.format(**values) if values else text


def ntranslated(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a text that fits a count, which fills the placeholder `count`."""
    return (one if count == 1 else many).format(count=count, **values)


def ptranslated(_context: str, text: str, /, **values: object) -> str:
    """Return a text that means different things in different places; the context tells them apart."""
    return translated(text, **values)
