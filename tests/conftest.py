"""Skips a test whose programs are missing and says so at the end; marks those whose keyring daemon may die."""

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest

from tests import pseudo, requirements
from tests.effort import TIMES
from tests.signin.deaths import KeyringDaemonDied, raise_for_death

os.environ |= {"LANGUAGE": "en", "LC_TIME": "C"}  # of the programs that the tests start, whoever runs them
# The tests start hundreds of interpreters, which would compile every library again and again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

TESTS = Path(__file__).parent
WAITING = {TESTS / name for name in ("program", "test_scripting.py", "signin/storage/test_linux_keyrings.py")}
# Counting branches doubles the time of a test. What these reach, others reach as well.
UNCOUNTED = {
    TESTS / name
    for name in (
        "benchmarks",
        "days",
        "messages/test_locale.py",
        "messages/test_pseudo.py",
        "packaging",
        "program",
        "settings_page/test_languages.py",
        "signin/storage/test_shared_vault.py",
        "signin/test_killed_child.py",
        "test_documents.py",
        "test_structure.py",
    )
}


def pytest_configure(config: pytest.Config) -> None:
    if pseudo.is_spoken():
        language = ExitStack()
        language.enter_context(pseudo.spoken_to_tests())
        config.add_cleanup(language.close)
    config.addinivalue_line("markers", "no_cover: pytest-cov's own; not every lane has it")
    config.addinivalue_line("markers", "needs(*names): what of the system the test uses; see tests/requirements.py")
    config.addinivalue_line(
        "markers", "defect_in(*places): which threads the test lets fail; see tests/test_threads.py"
    )
    if config.pluginmanager.hasplugin("hypothesispytest"):
        from hypothesis import settings  # noqa: PLC0415  not every lane has it

        settings.register_profile("ours", deadline=None, derandomize=TIMES == 1, max_examples=50 * TIMES)
        settings.load_profile("ours")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    uncounted = {path for path in {item.path for item in items} if is_in(UNCOUNTED, path)}
    can_run_again = config.pluginmanager.hasplugin("rerunfailures")  # which asks the main process about each test
    for item in items:
        if item.path in uncounted:
            item.add_marker("no_cover")
        if can_run_again and has_keyring(item):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=KeyringDaemonDied.__name__))
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        items[:] = shared_out(items, workers)


def has_keyring(item: pytest.Item) -> bool:
    """Tell whether a test starts Debian's gnome-keyring: it says so, or has the fixture of `tests/signin`."""
    named = chain.from_iterable(mark.args for mark in item.iter_markers("needs"))
    return "gnome-keyring-daemon" in named or "service" in getattr(item, "fixturenames", ())


def is_in(places: set[Path], path: Path) -> bool:
    return not places.isdisjoint((path, *path.parents))


def shared_out(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return tests in an order in which each worker's share begins with real programs: they would come last otherwise.

    xdist gives each worker a stretch of the list to begin with.
    """
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    waiting = {
        path: of_one for path, of_one in by_file.items() if is_in(WAITING, path)
    }  # what a file shares is made once
    others = list(chain.from_iterable(of_one for path, of_one in by_file.items() if path not in waiting))
    length = -(-len(others) // workers)
    shares: list[pytest.Item] = []
    for share in range(workers):
        shares += chain.from_iterable(list(waiting.values())[share::workers])
        shares += others[share * length : (share + 1) * length]
    return shares


@pytest.hookimpl(optionalhook=True)  # under Wine there is no xdist
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run single files in this process, where they start at once and a debugger works; folders three to a core.

    A test of the real program waits half of its time for other processes.
    """
    return 0 if all(".py" in each for each in config.args) else 3 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    """Say so when what failed is the tests' keyring; such a test is run again."""
    try:
        yield
    except Exception:
        raise_for_death()
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Ask for what the test names before its fixtures start; they wait for the keyring, too."""
    for mark in item.iter_markers("needs"):
        requirements.require(*mark.args)
    yield from pytest_runtest_call()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in skipped if isinstance(report.longrepr, tuple)]
    for line in requirements.summary(reasons):
        terminalreporter.write_line(line, yellow=True)
