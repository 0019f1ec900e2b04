"""Checks the rows of a table in one test: a test for each takes longer than checking a row that is a call or two."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]


def for_each(names: str | tuple[str, ...], table: Iterable[Any]) -> Callable[[Test], Test]:
    """Call a test for every row of a table, as `pytest.mark.parametrize` does; fail with all rows that fail.

    Fixtures are the same ones for all rows.
    """
    columns = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = [(row,) if len(columns) == 1 else row for row in table]
    assert rows, "a table without rows checks nothing"

    def in_one(test: Test) -> Test:
        @wraps(test)
        def test_of_all_rows(*instance: object, **fixtures: object) -> None:
            failures: list[BaseException] = []
            skipped = []
            for row in rows:
                values = dict(zip(columns, row, strict=True))
                try:
                    test(*instance, **values, **fixtures)
                except (Exception, BaseExceptionGroup, pytest.fail.Exception) as exc:  # noqa: BLE001  the other rows are checked all the same
                    exc.add_note(f"in the row {values}")
                    failures.append(exc)
                except pytest.skip.Exception:
                    skipped.append(values)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(rows)} rows", failures)
            if len(skipped) == len(rows):
                pytest.skip("every row is skipped")

        signature = inspect.signature(test)
        fixtures = [parameter for name, parameter in signature.parameters.items() if name not in columns]
        test_of_all_rows.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return test_of_all_rows

    return in_one
