"""Carries out what a key on the keyboard is bound to, such as `presence-tray toggle busy`, as fast as can be.

It knows a status by its key, and *stop*; all else is left to the command line, which parses and explains. The app
answers with the line to be printed, so that nothing has to be imported here: `tests/test_key_press.py` watches over it.
"""

import io
import os
import sys

from tray.runtime_folder import usual_channel

if sys.platform == "linux":
    import _socket

    from tray.control.unix_client import connect_to

CHUNK = 4096  # bytes
SECONDS = 20.0  # the app waits fifteen for the outcome
STATE_LETTERS = "abcdefghijklmnopqrstuvwxyz-"


def run(arguments: list[str]) -> int | None:
    """Carry out what was typed, and return the exit code; `None` where the command line has to, and nothing is done.

    Raise `OSError` or `ValueError` where no outcome came.
    """
    request = _request(arguments)
    answer = _answer(request) if request else b""
    if not answer or answer.startswith(b'{"ok":false'):  # nothing runs, or the state has another name
        return None
    line, _, remark = answer.decode().rstrip("\n").partition("\n")
    code, _, text = line.partition(" ")
    exit_code = int(code)
    if remark:
        _print(remark, is_result=False)
    _print(text, is_result=not exit_code)
    return exit_code


def _request(arguments: list[str]) -> bytes | None:
    """Return the request as JSON, which takes no import as long as nothing in it has to be escaped."""
    match arguments:
        case ["stop"]:
            return b'{"do":"stop","wait":"line"}\n'
        case ["set" | "toggle" as do, state] if not state.strip(STATE_LETTERS):
            return f'{{"do":"{do}","state":"{state}","wait":"line"}}\n'.encode()
    return None


def _answer(request: bytes) -> bytes:
    """Return the answer of the running app, else of a running demo; nothing where neither runs."""
    if sys.platform != "linux":  # elsewhere it takes imports to find the app
        return b""
    for demo in (False, True):
        address = usual_channel(os.environ, demo=demo)
        connection = connect_to(address, SECONDS) if address else None
        if connection:
            try:
                return _conversation(connection, request)
            finally:
                connection.close()
    return b""


def _conversation(connection: "_socket.socket", request: bytes) -> bytes:
    connection.settimeout(SECONDS)
    connection.sendall(request)
    answer = b""
    while part := connection.recv(CHUNK):
        answer += part
    if not answer:
        raise ConnectionResetError
    return answer


def _print(text: str, *, is_result: bool) -> None:
    stream = sys.stdout if is_result else sys.stderr
    if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a character shows "?"
        stream.reconfigure(errors="replace")
    try:
        print(text, file=stream, flush=True)
    except OSError:  # nobody reads; the interpreter would flush once more and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
