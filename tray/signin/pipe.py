"""What goes over the pipe between the tray and its token child, as JSON; knows values, not what they mean."""

from typing import Any, NamedTuple

import msgspec

from tray.core import effects, values
from tray.core.effects import TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Granted, TokenOutcome
from tray.signin.registration import Identity
from tray.signin.source import Reply, Token

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


class Asked(NamedTuple):
    """The one line that a child is given; `pocket` is what no keyring could take so far."""

    errand: TokenErrand
    identity: Identity
    lock_file: str
    pocket: str | None


def write_request(asked: Asked) -> bytes:
    """Return the line for a child."""
    return msgspec.json.encode(asked._asdict() | {"errand": _tagged(asked.errand)}) + b"\n"


def read_request(line: bytes) -> Asked:
    """Read the line that a child was given. Raises ValueError."""
    request = _document(line)
    identity = msgspec.convert(request["identity"], Identity)
    return Asked(_untagged(request["errand"], ERRANDS), identity, request["lock_file"], request["pocket"])


def write_progress(progress: SignInProgressed) -> bytes:
    """Return a line of progress."""
    return msgspec.json.encode({"progress": progress}) + b"\n"


def write_reply(reply: Reply, pocket: str | None) -> bytes:
    """Return the last line: outcome, token, and the cache that no keyring could take."""
    return msgspec.json.encode({"outcome": _tagged(reply.outcome), "token": reply.token, "pocket": pocket}) + b"\n"


def read_line(line: bytes) -> SignInProgressed | tuple[Reply, str | None]:
    """Read a line from a child: progress, or its reply. Raises ValueError when it is neither."""
    try:
        document = _document(line)
        if "progress" in document:
            return msgspec.convert(document["progress"], SignInProgressed)
        outcome: TokenOutcome = _untagged(document["outcome"], OUTCOMES)
        token = msgspec.convert(document["token"], Token | None)
        pocket = msgspec.convert(document["pocket"], str | None)
    except (KeyError, TypeError, RecursionError) as exc:
        raise ValueError(type(exc).__name__) from exc
    if isinstance(outcome, Granted) is not isinstance(token, Token):
        raise ValueError("a token goes with Granted, and with nothing else")
    return Reply(outcome, token), pocket


def _document(line: bytes) -> dict[str, Any]:
    return msgspec.json.decode(line, type=dict[str, Any])  # its errors are ValueErrors


def _tagged(value: Any) -> dict[str, Any]:
    return {"kind": type(value).__name__, "fields": value}


def _untagged(value: dict[str, Any], kinds: dict[str, type]) -> Any:
    return msgspec.convert(value["fields"], kinds[value["kind"]])
