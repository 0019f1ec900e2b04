"""A session for a keyring and the real program, with a cloud on loopback; what a user reads is written down."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.panel import screen
from tests.desktop.private_bus import PrivateBus
from tests.program.processes import PATIENCE, Program
from tests.signin.platform import Cloud

SIZE = (1280, 900)
SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
NEEDED = {  # program → Debian's package
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "wmctrl": "wmctrl",
    "import": "imagemagick",
}
ENDS_WITHIN = 5.0  # seconds; what ignores SIGTERM for longer is killed


class World:
    """A session; `environ` is that of its programs."""

    def __init__(self, folder: Path, *, activatable: dict[str, list[str]] | None = None) -> None:
        self.folder = folder
        self._activatable = activatable

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("home", "run", "tmp", "app"):
            (self.folder / name).mkdir(parents=True, mode=0o700)
        with ExitStack() as stack:
            self.environ = {
                **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                "HOME": str(self.folder / "home"),
                "XDG_RUNTIME_DIR": str(self.folder / "run"),
                "TMPDIR": str(self.folder / "tmp"),  # where KeePassXC looks for its first instance
                "DISPLAY": stack.enter_context(screen(SIZE)),
            }
            services = self.environ if self._activatable else None  # else D-Bus would start this machine's keyring
            bus = stack.enter_context(PrivateBus(services, activatable=self._activatable))
            self.environ["DBUS_SESSION_BUS_ADDRESS"] = self.address = bus.address
            self.cloud = Cloud(self.folder)
            self.cloud.platform.tokens.reuse_ends_family = False  # as Entra: what was used and not saved is good again
            self.cloud.start()
            stack.callback(self.cloud.stop)
            stack.enter_context(self.started("openbox"))
            self.program = Program(self.folder / "app", {**self.environ, "SSL_CERT_FILE": str(self.cloud.ca_file)})
            platform = self.cloud.platform
            (self.folder / "app/settings.toml").write_text(
                f'client_id = "{platform.client_id}"\nauthority = "{platform.authority}"\n'
                f'graph_url = "{platform.graph_origin}"\nlog_level = "debug"\n',
                encoding="utf-8",
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def started(self, *command: str, stdin: str = "") -> Iterator[subprocess.Popen[str]]:
        """Run a program in this session and end it: by SIGTERM, and by SIGKILL if it ignores that."""
        process = subprocess.Popen(
            command,
            env=self.environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        try:
            yield process
        finally:
            end(process)

    # ------------------------------------------------------------------ what the user sees and does

    def say(self, *arguments: str) -> int:
        """Run a command and write down what the user reads; return its exit code."""
        done = self.program.run(*arguments)
        words = " ".join((done.stdout + " " + done.stderr).split())
        note(f"`presence-tray {' '.join(arguments)}` → {done.returncode}: {words}")
        return done.returncode

    def windows(self) -> list[str]:
        """Return the titles of the windows on the screen."""
        listed = subprocess.run(["wmctrl", "-l"], env=self.environ, capture_output=True, text=True, check=False)
        columns = [line.split(None, 3) for line in listed.stdout.splitlines()]
        return [each[3] if len(each) > 3 else "(no title)" for each in columns]

    def wait_for(self, what: str, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait until something is so; raise `TimeoutError`."""
        limit = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > limit:
                self.picture("late")
                raise TimeoutError(f"{what}; windows: {self.windows()}")
            time.sleep(0.1)

    def wait_for_window(self, title: str) -> None:
        """Wait for a window, and note it."""
        self.wait_for(f"no window {title!r}", lambda: any(title in each for each in self.windows()))
        note(f"window: *{next(each for each in self.windows() if title in each)}*")

    def keys(self, *keys: str) -> None:
        """Press keys in the window in front."""
        time.sleep(0.5)  # a window that has just come takes no keys yet, and nothing tells when it does
        subprocess.run(["xdotool", "key", *keys], env=self.environ, check=True)

    def type(self, text: str) -> None:
        """Type into the window in front, and press Return."""
        time.sleep(0.5)  # see `keys`
        subprocess.run(["xdotool", "type", text], env=self.environ, check=True)
        self.keys("Return")

    def click(self, x: int, y: int) -> None:
        """Click with the left button."""
        time.sleep(0.5)  # see `keys`
        subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=self.environ, check=True)

    def picture(self, name: str) -> None:
        """Leave a picture of the screen in the folder."""
        target = str(self.folder / f"{name}.png")
        subprocess.run(["import", "-window", "root", target], env=self.environ, check=True)

    # ------------------------------------------------------------------ the program

    @contextmanager
    def tray(self) -> Iterator[None]:
        """Run the app, and quit it."""
        with self.program.running("run") as process:
            self.program.wait_for(lambda status: status["version"] == 1)
            yield
            self.program.run("quit")
            process.wait(PATIENCE)

    def refresh(self, times: int = 1) -> list[int]:
        """Let the access token end and set a status, so that the app goes to its keyring; return the exit codes."""
        codes = []
        for number in range(times):
            self.cloud.platform.expire_access()
            codes.append(self.program.run("set", "in-a-call" if number % 2 else "presenting").returncode)
        return codes

    def say_and_answer(self, command: str, *answer: Callable[[], None]) -> None:
        """Run a command that opens windows, answer them one after another, and write down what the user reads."""
        process = subprocess.Popen(
            [*self.program.command, *command.split()],
            env=self.program.environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for each in answer:
            each()
        said = process.communicate(timeout=150)[0]
        note(f"`presence-tray {command}` → {process.returncode}: {' '.join(said.split())}")

    # ------------------------------------------------------------------ the Secret Service

    def call(self, method: str, signature: str = "", *body: object) -> tuple[object, ...] | None:
        """Call the service; return `None` for an error."""
        with open_dbus_connection(self.address) as connection:
            message = new_method_call(SERVICE, method, signature or None, body)
            reply = connection.send_and_get_reply(message, timeout=10)
        return reply.body if reply.header.message_type is MessageType.method_return else None

    def items(self) -> list[str]:
        """Return the paths of all entries that it has, whosever they are."""
        found = self.call("SearchItems", "a{ss}", {}) or ((), ())
        return [str(path) for paths in found for path in paths]  # type: ignore[attr-defined]

    def default(self) -> str:
        """Return the path of the default collection, `/` if there is none."""
        found = self.call("ReadAlias", "s", "default")
        return str(found[0]) if found else ""


def end(process: subprocess.Popen[Any]) -> None:
    """End a program, whatever it thinks of SIGTERM."""
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def note(text: str) -> None:
    """Write a line of the record."""
    print(f"  {text}", flush=True)


def run(keyring: str, situations: Mapping[str, Callable[[Path], None]], needed: Mapping[str, str]) -> None:
    """Go through the situations that the command names, or all; each has a folder of its own for home and pictures."""
    if missing := [name for name in (*NEEDED, *needed) if shutil.which(name) is None]:
        packages = {**NEEDED, **needed}
        sys.exit(f"Not here: {', '.join(missing)}. apt-get install {' '.join(packages[name] for name in missing)}")
    if len(sys.argv) < 2:
        sys.exit(f"Name a folder for homes and pictures, and what of this is wanted: {', '.join(situations)}")
    folder, chosen = Path(sys.argv[1]).resolve(), sys.argv[2:] or list(situations)
    failed = 0
    for number, (title, go_through) in enumerate(situations.items()):
        if title in chosen:
            print(f"\n{keyring}, {title}", flush=True)
            try:
                go_through(folder / str(number))
            except (OSError, AssertionError, subprocess.SubprocessError) as exc:
                failed += 1
                note(f"BROKE OFF: {exc!r}")
    sys.exit(failed)
