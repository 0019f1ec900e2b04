"""What goes over the pipe between the tray and its token child, as JSON; knows values, not what they mean."""

from typing import Any

import msgspec

from tray.core import effects, things
from tray.core.effects import TokenErrand
from tray.core.events import SignInProgressed
from tray.core.things import TokenOutcome
from tray.signin.identity import Identity
from tray.signin.protocol import Reply, Token

ERRANDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (effects.ReadAccount, effects.ObtainToken, effects.SignIn, effects.SignOut, effects.UnlockKeyring)
}
OUTCOMES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        things.Granted,
        things.Known,
        things.SignInNeeded,
        things.TryLater,
        things.KeyringTrouble,
        things.SignedOut,
    )
}


def write_request(errand: TokenErrand, identity: Identity, lock_file: str, memory: str | None) -> bytes:
    """Return the one line that a child is given."""
    request = {"errand": _tagged(errand), "identity": identity, "lock_file": lock_file, "memory": memory}
    return msgspec.json.encode(request) + b"\n"


def read_request(line: bytes) -> tuple[TokenErrand, Identity, str, str | None]:
    """Read the line that a child was given. Raises ValueError."""
    request = _document(line)
    errand = _untagged(request["errand"], ERRANDS)
    return errand, msgspec.convert(request["identity"], Identity), request["lock_file"], request["memory"]


def write_progress(progress: SignInProgressed) -> bytes:
    """Return a line of progress."""
    return msgspec.json.encode({"progress": progress}) + b"\n"


def write_reply(reply: Reply, memory: str | None) -> bytes:
    """Return the last line: outcome, token, and the cache that no keyring could take."""
    return msgspec.json.encode({"outcome": _tagged(reply.outcome), "token": reply.token, "memory": memory}) + b"\n"


def read_line(line: bytes) -> SignInProgressed | tuple[Reply, str | None]:
    """Read a line from a child: progress, or its reply. Raises ValueError when it is neither."""
    document = _document(line)
    try:
        if "progress" in document:
            return msgspec.convert(document["progress"], SignInProgressed)
        outcome: TokenOutcome = _untagged(document["outcome"], OUTCOMES)
        token = msgspec.convert(document["token"], Token | None)
        return Reply(outcome, token), document["memory"]
    except KeyError as exc:
        raise ValueError(str(exc)) from exc


def _document(line: bytes) -> dict[str, Any]:
    return msgspec.json.decode(line, type=dict[str, Any])  # its errors are ValueErrors


def _tagged(value: Any) -> dict[str, Any]:
    return {"kind": type(value).__name__, "fields": value}


def _untagged(value: dict[str, Any], kinds: dict[str, type]) -> Any:
    return msgspec.convert(value["fields"], kinds[value["kind"]])
