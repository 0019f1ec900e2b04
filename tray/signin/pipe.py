"""The messages between the tray and its token child, and how they are written: one line of JSON each."""

import os
import traceback
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

from tray.core import effects, values
from tray.core.effects import TokenErrand
from tray.core.events import SignInProgressed
from tray.core.record import Record, replace
from tray.core.values import Granted, TokenOutcome
from tray.graph.requests import Token
from tray.messages.catalogue import ENGLISH, in_english, paired
from tray.signin.registration import AppRegistration

ERRANDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (effects.ReadAccount, effects.ObtainToken, effects.SignIn, effects.SignOut, effects.UnlockKeyring)
}
OUTCOMES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        values.Granted,
        values.AccountRead,
        values.SignInNeeded,
        values.TryLater,
        values.KeyringTrouble,
        values.SignedOut,
    )
}
FRAMES = 6  # of a defect's place, the innermost
TELLING = (values.SignInNeeded, values.TryLater)  # they have a title and a message


class Reply(Record):
    """What came of an errand; `token` goes with `Granted` alone."""

    outcome: TokenOutcome
    token: Token | None = None


class Defect(Record):
    """A defect of the child's: its kind and its place alone, because its text may be secret."""

    thread: str
    error: str
    place: str


def defect_of(thread: str, exc: BaseException, trace: TracebackType | None) -> Defect:
    """Return what is told of an exception."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    place = " < ".join(f"{os.path.basename(each.filename)}:{each.lineno}" for each in reversed(frames))  # noqa: PTH119
    return Defect(thread, type(exc).__name__, place)


class ChildRequest(NamedTuple):
    """What a child is told; `carried_cache` is the token cache that the tray carries between errands.

    `language` is what the user is spoken to in, by the page in the browser for instance.
    """

    errand: TokenErrand
    registration: AppRegistration
    lock_file: str
    carried_cache: str | None
    language: str = ENGLISH


def write_request(request: ChildRequest) -> bytes:
    """Return the line for a child; a path may be no text, and travels as bytes in hexadecimal."""
    lock_file = os.fsencode(request.lock_file).hex()
    document = request._asdict() | {"errand": _tagged(request.errand), "lock_file": lock_file}
    return msgspec.json.encode(document) + b"\n"


def read_request(line: bytes) -> ChildRequest:
    """Read the line that a child was given; raise `ValueError`."""
    request = _document(line)
    registration = msgspec.convert(request["registration"], AppRegistration)
    errand = _untagged(request["errand"], ERRANDS)
    lock_file = os.fsdecode(bytes.fromhex(request["lock_file"]))
    return ChildRequest(errand, registration, lock_file, request["carried_cache"], request["language"])


def write_progress(progress: SignInProgressed) -> bytes:
    """Return a line of progress."""
    return msgspec.json.encode({"progress": progress}) + b"\n"


def write_defect(defect: Defect) -> bytes:
    """Return a line about a defect."""
    return msgspec.json.encode({"defect": defect}) + b"\n"


def write_reply(reply: Reply, carried_cache: str | None) -> bytes:
    """Return the last line: outcome, token, and the token cache that no keyring could take."""
    outcome = reply.outcome
    document: dict[str, Any] = {"outcome": _tagged(outcome), "token": reply.token, "carried_cache": carried_cache}
    if isinstance(outcome, TELLING):  # in English, and as the user is to read it
        english = replace(outcome, title=in_english(outcome.title), message=in_english(outcome.message))
        document |= {"outcome": _tagged(english), "said": [str(outcome.title), str(outcome.message)]}
    return msgspec.json.encode(document) + b"\n"


def read_line(line: bytes) -> SignInProgressed | Defect | tuple[Reply, str | None]:
    """Read a line from a child: its progress, a defect or its reply; raise `ValueError` when it is none of them."""
    try:
        document = _document(line)
        if "progress" in document:
            return msgspec.convert(document["progress"], SignInProgressed)
        if "defect" in document:
            return msgspec.convert(document["defect"], Defect)
        outcome: TokenOutcome = _untagged(document["outcome"], OUTCOMES)
        if isinstance(outcome, TELLING):
            title, message = msgspec.convert(document["said"], tuple[str, str])
            outcome = replace(outcome, title=paired(title, outcome.title), message=paired(message, outcome.message))
        token = msgspec.convert(document["token"], Token | None)
        carried_cache = msgspec.convert(document["carried_cache"], str | None)
    except (KeyError, TypeError, RecursionError) as exc:
        raise ValueError(type(exc).__name__) from exc
    if isinstance(outcome, Granted) is not isinstance(token, Token):
        raise ValueError("a token goes with Granted, and with nothing else")
    return Reply(outcome, token), carried_cache


def _document(line: bytes) -> dict[str, Any]:
    return msgspec.json.decode(line, type=dict[str, Any])  # its errors are ValueErrors


def _tagged(value: Any) -> dict[str, Any]:
    return {"kind": type(value).__name__, "fields": value}


def _untagged(value: dict[str, Any], kinds: dict[str, type]) -> Any:
    return msgspec.convert(value["fields"], kinds[value["kind"]])
