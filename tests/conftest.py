"""Shared by all tests: the folder itself is importable, so that test aids are modules like any other."""

from collections.abc import Generator

import pytest

from tests.signin.secret_service import SecretService


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Say so when what failed is the tests' keyring; pyproject.toml has such a test run again."""
    try:
        yield
    except Exception:
        SecretService.raise_for_death()
        raise


pytest_runtest_setup = pytest_runtest_call  # fixtures wait for the keyring, too
