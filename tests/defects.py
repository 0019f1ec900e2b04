"""A log, and a defect that is to be in it."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tray import logs

PATIENCE = 10.0  # seconds
DEFECT = "a defect of the test"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger().level, logging.getLogger("tray").level
    handler = logs.start(tmp_path / "tray.log", "info")
    yield tmp_path / "tray.log"
    logs.stop(handler)
    logging.getLogger().setLevel(level[0])
    logging.getLogger("tray").setLevel(level[1])


def fail(*_: object, **__: object) -> NoReturn:
    raise RuntimeError(DEFECT)


def wait_for(log: Path, said: str, defect: str = DEFECT) -> None:
    limit = time.monotonic() + PATIENCE
    while said not in log.read_text(encoding="utf-8") or defect not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < limit, log.read_text(encoding="utf-8")
        time.sleep(0.01)
