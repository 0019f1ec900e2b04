"""Text from outside, as it is shown."""

from hypothesis import given
from hypothesis import strategies as st

from tray.messages.catalogue import UNFIT, printable


@given(st.text(), st.integers(1, 40))
def test_it_is_one_line_of_what_can_be_printed_and_not_too_long(text: str, longest: int) -> None:
    shown = printable(text, longest)
    assert not UNFIT.search(shown)
    assert not any(letter.isspace() for letter in shown if letter != " ")
    assert len(shown) == min(len(text), longest)
    if text.isprintable() and len(text) <= longest:
        assert shown == text
