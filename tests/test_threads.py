"""Each thread, and each function that the system calls, is known to a test that lets it fail.

What it was for goes on, or ends where the user sees it; the log says what happened.
"""

import ast
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from queue import SimpleQueue

import httpx
import pytest

import tray
from tests.defects import DEFECT, PATIENCE, fail, log, wait_for
from tests.settings_page.browser import Page, places, visited
from tests.signin.platform import DEVICE, nobody
from tray.commands import account, doctor
from tray.core.effects import ObtainToken
from tray.core.values import KeyringState, TryLater
from tray.desktop import browser
from tray.runtime import TimeLimit
from tray.settings_page.pages import Pages
from tray.settings_page.server import Server
from tray.signin.child.loopback import Receiver, _Listener, _Page
from tray.signin.pipe import Reply
from tray.signin.registration import AppRegistration
from tray.signin.source import ChildSource
from tray.signin.storage.keyrings import asked_of_the_user, bounded
from tray.signin.storage.vault import VaultError

__all__ = ["log"]

TRAY, TESTS = Path(tray.__file__).parent, Path(__file__).parent
STARTERS = {"Thread", "Timer", "ThreadingHTTPServer", "create_server", "ThreadPoolExecutor", "NSObject"}
C_FUNCTIONS = ("CFUNCTYPE", "WINFUNCTYPE")
# What no test here lets fail.
EXCEPT = {
    "desktop.linux.microphone.PulseMicrophone._listen": "its function does nothing",
    "desktop.macos.screen_lock.MacSessionEvents.observe.LockObserver": "AppKit calls it; never run on a Mac",
    "desktop.macos.tray.MenuObserver": "AppKit calls it; never run on a Mac",
}
NOWHERE = AppRegistration("client", "https://localhost:9/tenant", "https://graph.test")
FORM = {"code": "the-code", "state": "the-state"}


# --------------------------------------------------------------------------- which there are


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def c_types(module: ast.Module) -> set[str]:
    """Return the names of a module's types of C functions."""
    return {
        name_of(each.targets[0])
        for each in module.body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) and name_of(each.value.func) in C_FUNCTIONS
    }


def is_callback(call: ast.Call, types: set[str]) -> bool:
    """Tell whether a call makes a function of ours one that C calls; a table's entry is one of C's."""
    of_a_type = isinstance(call.func, ast.Call) and name_of(call.func.func) in C_FUNCTIONS
    return (of_a_type or name_of(call.func) in types) and not isinstance(call.args[0], ast.Subscript)


def starts(node: ast.AST, types: set[str], at: tuple[str, ...]) -> Iterator[str]:
    """Yield where threads start below a node, and where functions are given to the system."""
    for child in ast.iter_child_nodes(node):
        inner = (*at, child.name) if isinstance(child, ast.ClassDef | ast.FunctionDef) else at
        if isinstance(child, ast.ClassDef) and any(name_of(base) in STARTERS for base in child.bases):
            yield ".".join(inner)
        if isinstance(child, ast.Call) and (name_of(child.func) in STARTERS or is_callback(child, types)):
            yield ".".join(at)
        yield from starts(child, types, inner)


def test_each_thread_is_known_to_a_test_that_lets_it_fail() -> None:
    found = set(EXCEPT)
    for file in TRAY.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if not any(name in text for name in (*STARTERS, *C_FUNCTIONS)):
            continue
        module = ast.parse(text)
        part = file.relative_to(TRAY).with_suffix("").as_posix().replace("/", ".")
        found.update(starts(module, c_types(module), (part,)))
    known = set(EXCEPT)
    texts = (file.read_text(encoding="utf-8") for file in TESTS.rglob("test_*.py"))
    for text in (text for text in texts if "defect_in" in text):
        for each in ast.walk(ast.parse(text)):
            if isinstance(each, ast.Call) and name_of(each.func) == "defect_in":
                known.update(ast.literal_eval(place) for place in each.args)
    assert known == found


# --------------------------------------------------------------------------- the token child


def child_with(defect: str) -> list[str]:
    """Return the command of a token child with a defect, whose errand takes long."""
    program = f"""
import time
import tray.signin.child.__main__ as child
def fail(*_):
    raise RuntimeError("a secret")
child._carried_out = lambda *_: time.sleep(600)
{defect}
child.main()
"""
    return [sys.executable, "-c", program]


@pytest.mark.parametrize(
    ("defect", "thread", "told"),
    [
        pytest.param(
            "child._end_with_the_tray = fail",
            "stdin",
            "stopped unexpectedly",
            marks=pytest.mark.defect_in("signin.child.__main__.main"),
        ),
        ("child._carried_out = fail", "main", "RuntimeError"),
    ],
)
def test_a_defect_in_the_child_ends_the_sign_in(tmp_path: Path, log: Path, defect: str, thread: str, told: str) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_with(defect)
    outcome = source.carry_out(DEVICE, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert told in outcome.title + outcome.message
    wait_for(log, f"token child: the thread {thread}: RuntimeError at <string>:5", "RuntimeError")
    assert "a secret" not in log.read_text(encoding="utf-8")


def test_a_defect_in_a_childs_thread_that_it_can_do_without_is_in_the_log(tmp_path: Path, log: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_with("""
from tray.core.values import SignedOut
from tray.desktop import browser
from tray.signin.pipe import Reply
browser.has_opened = fail
def carry_out(request, progress):
    told = child.threading.Event()
    browser.browse("https://login.test/", told.set)
    told.wait(600)
    for thread in child.threading.enumerate():
        if thread.name == "browser":
            thread.join()
    return Reply(SignedOut()), None
child._carried_out = carry_out
""")
    assert "SignedOut" in repr(source.carry_out(DEVICE, nobody).outcome)
    wait_for(log, "token child: the thread browser: RuntimeError at <string>:5 < browser.py", "RuntimeError")


@pytest.mark.defect_in("signin.source.ChildSource._started")
def test_where_the_timer_of_a_child_fails_the_engine_ends_the_errand(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock", limit=timedelta(seconds=0.1))
    source.command = [sys.executable, "-c", "import time; time.sleep(600)"]
    replies = SimpleQueue[Reply]()
    with monkeypatch.context() as defect:
        defect.setattr(subprocess.Popen, "kill", fail)
        thread = threading.Thread(target=lambda: replies.put(source.carry_out(ObtainToken(1), nobody)))
        thread.start()
        wait_for(log, "the thread child-limit ended")
    source.abandon(2)  # another errand than the one under way
    assert replies.empty()
    source.abandon(1)  # as the engine has it done; tests/core/test_graph_replies.py
    assert "stopped responding" in replies.get(timeout=PATIENCE).outcome.title
    thread.join()


@pytest.mark.defect_in("signin.child.loopback._Listener.start")
def test_where_the_receiver_fails_the_sign_in_ends(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Listener, "handle_request", fail)
    with Receiver() as receiver, pytest.raises(RuntimeError):
        receiver.wait(FORM["state"], timedelta(minutes=5))
    wait_for(log, "the thread receiver ended")


@pytest.mark.defect_in("signin.child.loopback._Listener")
def test_a_defect_in_one_connection_keeps_no_other_from_the_receiver(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = SimpleQueue[dict[str, str] | None]()
    with Receiver() as receiver:
        address = receiver.redirect_uri.replace("localhost", "127.0.0.1")
        thread = threading.Thread(target=lambda: forms.put(receiver.wait(FORM["state"], timedelta(minutes=1))))
        thread.start()
        with monkeypatch.context() as defect:
            defect.setattr(_Page, "do_POST", fail)
            with pytest.raises(httpx.HTTPError):
                httpx.post(address, data=FORM)
        wait_for(log, "(process_request_thread) ended")
        assert httpx.post(address, data=FORM).status_code == 200
        assert forms.get(timeout=PATIENCE) == FORM
        thread.join()


@pytest.mark.defect_in("desktop.browser.browse")
def test_where_opening_the_browser_fails_the_user_is_told_as_if_there_were_none(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "has_opened", fail)
    told = threading.Event()
    browser.browse("https://login.test/", told.set)
    assert told.wait(PATIENCE)
    wait_for(log, "the thread browser ended")


@pytest.mark.defect_in("signin.storage.keyrings.bounded")
def test_a_defect_in_a_call_to_the_keyring_is_an_outcome(log: Path) -> None:
    with pytest.raises(VaultError) as raised:
        bounded(fail, PATIENCE)
    assert raised.value.state is KeyringState.ABSENT
    wait_for(log, "the thread keyring ended")


@pytest.mark.defect_in("signin.storage.keyrings.asked_of_the_user")
def test_a_keyrings_prompt_is_waited_for_though_nobody_could_be_told(log: Path) -> None:
    def answered() -> str:
        wait_for(log, "the thread keyring-window ended")
        return "a secret"

    assert asked_of_the_user(answered, fail) == "a secret"


# --------------------------------------------------------------------------- the settings page


@pytest.mark.defect_in("settings_page.server.Server.run")
@pytest.mark.parametrize(
    ("thread", "method"), [("idle", "_end_when_idle"), ("app", "_end_with_the_app"), ("starter", "_hear_the_starter")]
)
def test_where_what_ends_the_page_fails_the_page_ends(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch, thread: str, method: str
) -> None:
    monkeypatch.setattr(Server, method, fail)
    page = Page(places(tmp_path))
    page.start()
    page.thread.join(PATIENCE)
    assert not page.thread.is_alive()
    wait_for(log, f"the thread {thread} ended")


@pytest.mark.defect_in("settings_page.server.Server.__init__")
def test_a_defect_in_one_answer_of_the_page_costs_no_other(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with visited(tmp_path) as page:
        visitor = page.browser()
        with monkeypatch.context() as defect:
            defect.setattr(Pages, "shown", fail)
            assert visitor.http.get("/", follow_redirects=True).status_code == 500
        wait_for(log, "no answer to a request")
        assert visitor.http.get("/", follow_redirects=True).status_code == 200
        visitor.http.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is a program of Unix")
def test_the_page_has_a_log_of_its_own_once_something_fails(tmp_path: Path) -> None:
    environment = os.environ | {
        "PRESENCE_TRAY_HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "BROWSER": "true",
    }
    file = places(tmp_path).page_log_file
    for defect, code, said in (
        ("server.Server._end_when_idle = lambda self: self.end()", 0, ""),
        ("server.Server._end_when_idle = fail", 0, "the thread idle ended"),
        ("server.Server.run = fail", 1, "the program ended"),
    ):
        program = f"""
def fail(*_):
    raise RuntimeError({DEFECT!r})
from tray.settings_page import server
{defect}
from tray.settings_page.__main__ import main
main()
"""
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, check=False, timeout=60, stdout=subprocess.PIPE)
        assert done.returncode == code
        assert file.exists() is bool(said)
        if said:
            wait_for(file, said)


# --------------------------------------------------------------------------- commands, and the end


def ended_with(monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[str]:
    """Return the names of the threads that fail from now on; a command has no log, they go to standard error."""
    names = SimpleQueue[str]()
    monkeypatch.setattr(threading, "excepthook", lambda args: names.put(args.thread.name))
    return names


class BrokenTerminal(StringIO):
    def isatty(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        fail()


@pytest.mark.defect_in("commands.account.Countdown.start")
def test_a_sign_in_goes_on_where_the_countdown_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ended_with(monkeypatch)
    countdown = account.Countdown(BrokenTerminal())
    countdown.start(datetime.now(UTC))
    countdown.stop()
    assert names.get(timeout=PATIENCE) == "countdown"


@pytest.mark.defect_in("commands.doctor.InTime._given_up_in_time")
def test_a_check_goes_on_where_its_time_limit_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ended_with(monkeypatch)

    class Client:
        close = staticmethod(fail)

        def probe(self) -> str:
            return names.get(timeout=PATIENCE)  # it takes longer than its limit

    assert doctor.InTime(Client(), timedelta(seconds=0.01)).probe() == "check-limit"  # type: ignore[arg-type]


@pytest.mark.defect_in("runtime.TimeLimit.begin")
def test_a_time_limit_that_fails_is_in_the_log(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "_exit", fail)
    TimeLimit().begin(0)
    wait_for(log, "the thread limit ended")
