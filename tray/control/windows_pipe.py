"""The control channel as a named pipe, which its ACL keeps for one user.

Each conversation has an instance of the pipe. The next instance is made before one is handed over, so that there is no
moment at which another program could take the name. Every call is overlapped, because only such a call can time out.
"""

import _winapi
import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import wintypes
from typing import Any

from tray.control.protocol import CHUNK
from tray.errors import AlreadyRunning, NotRunning, TrayError
from tray.messages import commands as words

assert sys.platform == "win32"  # noqa: S101  for the type checker: the rest is Windows' own

FIRST_INSTANCE = _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
LOCAL_ONLY = 0x8  # PIPE_REJECT_REMOTE_CLIENTS
IDENTIFY_ONLY = 0x0011_0000  # SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION: the server cannot impersonate us
INSTANCES = 255  # PIPE_UNLIMITED_INSTANCES
TOKEN_QUERY, TOKEN_USER, SDDL_REVISION = 0x8, 1, 1
KERNEL_OBJECT, OWNER = 6, 1  # GetSecurityInfo: the kind of handle, and what is asked
GONE = (_winapi.ERROR_BROKEN_PIPE, _winapi.ERROR_NO_DATA, 233)  # 233: ERROR_PIPE_NOT_CONNECTED
ABSENT, REFUSED, BUSY = 2, 5, _winapi.ERROR_PIPE_BUSY
UNREAD_SECONDS = 2.0  # for the peer to read an answer before the pipe is disconnected

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi = ctypes.WinDLL("advapi32", use_last_error=True)
for _function in (_kernel.CreateEventW, _kernel.GetCurrentProcess):
    _function.restype = wintypes.HANDLE
for _function in (_kernel.SetEvent, _kernel.DisconnectNamedPipe, _kernel.LocalFree):
    _function.argtypes = [wintypes.HANDLE]


class _SecurityAttributes(ctypes.Structure):
    _fields_ = (
        ("nLength", wintypes.DWORD),
        ("lpSecurityDescriptor", wintypes.LPVOID),
        ("bInheritHandle", wintypes.BOOL),
    )


class PipeConnection:
    """One end of a connected pipe."""

    def __init__(self, handle: int, *, serves: bool) -> None:
        self._handle = handle
        self._serves = serves
        self._unread_until = 0.0
        self._closed = False
        self._closing = threading.Lock()  # of one thread's `close` and another's `abort`

    def receive(self, seconds: float) -> bytes:
        """Return the next bytes, none at the end."""
        try:
            overlapped, _ = _winapi.ReadFile(self._handle, CHUNK, overlapped=True)
            _finish(overlapped, seconds)
        except OSError as exc:
            if exc.winerror in GONE:
                return b""
            raise
        return bytes(overlapped.getbuffer() or b"")

    def send(self, data: bytes, seconds: float) -> None:
        """Send everything."""
        try:
            overlapped, _ = _winapi.WriteFile(self._handle, data, overlapped=True)
            _finish(overlapped, seconds)
            self._unread_until = time.monotonic() + UNREAD_SECONDS
        except OSError as exc:
            if exc.winerror in GONE:
                raise BrokenPipeError(*exc.args) from exc
            raise

    def close(self) -> None:
        """End the conversation; a server first waits until its answer is read, which a disconnect would discard."""
        with suppress(OSError):  # the peer did not read the answer in time
            while self._serves and (left := self._unread_until - time.monotonic()) > 0 and self.receive(left):
                pass
        with self._closing:
            if self._serves:
                _kernel.DisconnectNamedPipe(self._handle)
            _winapi.CloseHandle(self._handle)
            self._closed = True

    def abort(self) -> None:
        """Let the calls of another thread end, and the peer's, also where that thread waits for something else."""
        with self._closing:
            if not self._closed:  # Windows may have given the handle to somebody else
                _kernel.CancelIoEx(wintypes.HANDLE(self._handle), None)
                _kernel.DisconnectNamedPipe(self._handle)


class PipeListener:
    """Makes the instances of a pipe."""

    def __init__(self, name: str) -> None:
        if _exists(name):  # whatever first instance the flag makes of it
            raise AlreadyRunning(*words.already_running())
        self._name = name
        self._woken = _kernel.CreateEventW(None, True, False, None)  # noqa: FBT003  manual reset, not set
        try:
            self._handle = self._instance(FIRST_INSTANCE)
        except OSError as exc:
            _winapi.CloseHandle(self._woken)
            if exc.winerror in (REFUSED, BUSY):
                raise AlreadyRunning(*words.already_running()) from exc
            raise TrayError(*words.channel_failed(name, str(exc.strerror))) from exc

    def _instance(self, flags: int = 0) -> int:
        with _only_for_us() as attributes:
            return _winapi.CreateNamedPipe(
                self._name,
                _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | flags,
                LOCAL_ONLY,  # and bytes, not messages
                INSTANCES,
                CHUNK,
                CHUNK,
                0,
                attributes,
            )

    def accept(self) -> PipeConnection | None:
        """Wait for the next conversation."""
        try:
            overlapped = _winapi.ConnectNamedPipe(self._handle, overlapped=True)
        except OSError:  # a peer came and went
            _kernel.DisconnectNamedPipe(self._handle)
            return None
        _winapi.WaitForMultipleObjects([overlapped.event, self._woken], False, _winapi.INFINITE)  # noqa: FBT003
        if _winapi.WaitForSingleObject(self._woken, 0) == _winapi.WAIT_OBJECT_0:
            overlapped.cancel()
            return None
        try:
            following = self._instance()
        except OSError:
            _kernel.DisconnectNamedPipe(self._handle)
            raise
        connected, self._handle = self._handle, following
        return PipeConnection(connected, serves=True)

    def wake(self) -> None:
        """Make `accept` return."""
        _kernel.SetEvent(self._woken)

    def restore(self) -> None:
        """Do nothing: nobody can remove a pipe."""

    def close(self) -> None:
        """Stop listening and free the name."""
        _winapi.CloseHandle(self._handle)
        _winapi.CloseHandle(self._woken)


def listen(address: str) -> PipeListener:
    """Listen for processes of this user; raise `AlreadyRunning` where the name is taken, `TrayError`."""
    return PipeListener(address)


def connect(address: str, seconds: float) -> PipeConnection:
    """Connect to a pipe of this user; raise `NotRunning` where there is none, `TimeoutError` while it is busy."""
    until = time.monotonic() + seconds
    handle = None
    while handle is None:
        try:
            handle = _open(address)
            if handle is None:  # between two instances
                _winapi.WaitNamedPipe(address, max(1, int((until - time.monotonic()) * 1000)))
        except OSError as exc:
            if exc.winerror in (ABSENT, REFUSED):
                raise NotRunning(*words.not_running()) from exc
            raise TimeoutError from exc
    if _owner(handle) != _user():
        _winapi.CloseHandle(handle)
        raise NotRunning(*words.not_running())
    return PipeConnection(handle, serves=False)


def _exists(name: str) -> bool:
    """Tell whether somebody has a pipe of that name."""
    try:
        _winapi.WaitNamedPipe(name, 1)
    except OSError as exc:
        return bool(exc.winerror != ABSENT)
    return True


def _open(address: str) -> int | None:
    """Open a pipe; return `None` while it is busy, raise `OSError`."""
    access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
    flags = _winapi.FILE_FLAG_OVERLAPPED | IDENTIFY_ONLY
    try:
        return _winapi.CreateFile(address, access, 0, 0, _winapi.OPEN_EXISTING, flags, 0)
    except OSError as exc:
        if exc.winerror == BUSY:
            return None
        raise


def _finish(overlapped: Any, seconds: float) -> None:
    """Wait for an overlapped call; raise `TimeoutError`, or `OSError` where the call failed."""
    waited = _winapi.WaitForMultipleObjects([overlapped.event], False, max(0, int(seconds * 1000)))  # noqa: FBT003
    if waited != _winapi.WAIT_OBJECT_0:
        overlapped.cancel()
        overlapped.GetOverlappedResult(True)  # noqa: FBT003  Windows uses its buffer until it has ended
        raise TimeoutError
    overlapped.GetOverlappedResult(True)  # noqa: FBT003  wait for it


@contextmanager
def _only_for_us() -> Iterator[int]:
    """Give security attributes that make this user the owner and let nobody else in."""
    user = _user()
    descriptor = wintypes.LPVOID()
    convert = _advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW
    _check(convert(f"O:{user}D:P(A;;GA;;;{user})", SDDL_REVISION, ctypes.byref(descriptor), None))
    attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, False)  # noqa: FBT003  not inherited
    try:
        yield ctypes.addressof(attributes)
    finally:
        _kernel.LocalFree(descriptor)


def _user() -> str:
    """Return the security identifier of this process' user."""
    token = wintypes.HANDLE()
    _check(_advapi.OpenProcessToken(wintypes.HANDLE(_kernel.GetCurrentProcess()), TOKEN_QUERY, ctypes.byref(token)))
    try:
        size = wintypes.DWORD()
        _advapi.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        _check(_advapi.GetTokenInformation(token, TOKEN_USER, buffer, size, ctypes.byref(size)))
        return _text(ctypes.cast(buffer, ctypes.POINTER(wintypes.LPVOID))[0])
    finally:
        _winapi.CloseHandle(token.value or 0)


def _owner(handle: int) -> str:
    """Return the security identifier of a pipe's owner: another user may have taken the name first."""
    owner, descriptor = wintypes.LPVOID(), wintypes.LPVOID()
    failed = _advapi.GetSecurityInfo(
        wintypes.HANDLE(handle),
        KERNEL_OBJECT,
        OWNER,
        ctypes.byref(owner),
        None,
        None,
        None,
        ctypes.byref(descriptor),
    )
    if failed:
        return ""
    try:
        return _text(owner.value)
    finally:
        _kernel.LocalFree(descriptor)


def _text(identifier: int | None) -> str:
    text = wintypes.LPWSTR()
    _check(_advapi.ConvertSidToStringSidW(wintypes.LPVOID(identifier), ctypes.byref(text)))
    try:
        return text.value or ""
    finally:
        _kernel.LocalFree(text)


def _check(worked: int) -> None:
    if not worked:
        raise ctypes.WinError(ctypes.get_last_error())
