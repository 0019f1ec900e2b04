"""The sandbox served by a process of its own: `python -m tests.benchmarks.weight.cloud FOLDER`.

Says where it is as a line of JSON, then answers each line of its input: `expire` ends every access token, `heard`
tells when each request to Graph was heard, on the machine's monotonic clock, `count` how many; it ends with its input.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.signin.platform import Cloud, Door, registration_at


class TimingDoor(Door):
    """Keeps connections open, as Graph does, and notes when requests to it arrive."""

    protocol_version = "HTTP/1.1"
    heard: list[float] = []  # noqa: RUF012  one list for all connections

    def parse_request(self) -> bool:
        if "/v1.0/" in str(self.raw_requestline):
            self.heard.append(time.monotonic())
        return super().parse_request()


def serve(folder: Path) -> None:
    """Serve until the input ends."""
    cloud = Cloud(folder, door=TimingDoor)
    cloud.start()
    platform = cloud.platform
    place = {"origin": platform.origin, "authority": registration_at(platform).authority, "ca_file": str(cloud.ca_file)}
    _say(place | {"client_id": platform.client_id, "object_id": platform.object_id})
    for order in sys.stdin:
        match order.strip():
            case "expire":
                platform.expire_access()
                _say(True)
            case "heard":
                _say(TimingDoor.heard)
            case "count":
                _say(len(TimingDoor.heard))
    cloud.stop()


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


class ServedCloud:
    """The process, from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout
        self.place: dict[str, str] = json.loads(self._stdout.readline())

    def expire(self) -> None:
        """End every access token: the next call meets a 401."""
        self._ask("expire")

    def heard(self) -> list[float]:
        """Return when each request to Graph was heard, on `time.monotonic()`."""
        answer: list[float] = self._ask("heard")
        return answer

    def count(self) -> int:
        """Return how many requests to Graph were heard."""
        answer: int = self._ask("count")
        return answer

    def _ask(self, order: str) -> Any:
        print(order, file=self._stdin, flush=True)
        return json.loads(self._stdout.readline())


@contextmanager
def served(folder: Path) -> Iterator[ServedCloud]:
    """Serve the sandbox in another process."""
    command = [sys.executable, "-m", "tests.benchmarks.weight.cloud", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield ServedCloud(process)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
