"""Shared by all tests: the folder itself is importable, so that test aids are modules like any other."""

from collections.abc import Generator

import pytest

from tests.signin.deaths import raise_for_death


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Say so when what failed is the tests' keyring; pyproject.toml has such a test run again."""
    try:
        yield
    except Exception:
        raise_for_death()
        raise


pytest_runtest_setup = pytest_runtest_call  # fixtures wait for the keyring, too
