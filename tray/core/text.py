"""Text that comes from outside, made fit to be shown."""

JOINERS = "\u200c\u200d"  # within emoji, and in Persian and Indian words


def printable(text: str, longest: int = 300) -> str:
    """Return a text as one line without control codes and marks that turn the direction of writing; cut if too long."""
    shown = "".join(letter if letter.isprintable() or letter in JOINERS else " " for letter in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
