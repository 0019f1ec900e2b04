"""Text that comes from outside, made fit to be shown."""


def printable(text: str, longest: int = 300) -> str:
    """Return a text as one line without control codes and marks that turn the direction of writing; cut if too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
