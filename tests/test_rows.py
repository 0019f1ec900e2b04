"""That a table checked in one test fails as a test for each row would."""

import pytest

from tests.rows import for_each


def test_every_row_is_checked_and_each_that_fails_is_named() -> None:
    checked = []

    @for_each("base", [1, 10])
    @for_each("number, double", [(1, 2), (2, 5), (3, 7)])
    def test(number: int, double: int, base: int) -> None:
        checked.append((base, number))
        assert number * 2 == double

    with pytest.raises(ExceptionGroup, match="2 of 2 rows") as caught:
        test()
    assert checked == [(1, 1), (1, 2), (1, 3), (10, 1), (10, 2), (10, 3)]
    first = caught.value.exceptions[0]
    assert isinstance(first, ExceptionGroup)
    assert [failure.__notes__ for failure in first.exceptions] == [
        ["in the row {'number': 2, 'double': 5}"],
        ["in the row {'number': 3, 'double': 7}"],
    ]
    assert first.__notes__ == ["in the row {'base': 1}"]


def test_a_row_that_fails_is_not_forgotten_for_one_that_is_skipped() -> None:
    @for_each("number", [1, 2, 3])
    def test(number: int) -> None:
        if number == 2:
            pytest.skip("not here")
        if number == 3:
            pytest.fail("wrong")
        assert number != 1

    with pytest.raises(BaseExceptionGroup, match="2 of 3 rows"):
        test()


def test_a_table_of_which_every_row_is_skipped_is_skipped() -> None:
    @for_each("number", [1, 2])
    def test(number: int) -> None:
        pytest.skip(str(number))

    with pytest.raises(pytest.skip.Exception):
        test()


def test_a_table_without_rows_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="without rows"):
        for_each("number", [])
