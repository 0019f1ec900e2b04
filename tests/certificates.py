"""Certificates of a private authority, for tests that speak TLS.

    python3 -m uv run python -m tests.certificates FOLDER

makes them beforehand, for a system that cannot: cryptography's Rust module cannot be loaded under Wine. Where
PRESENCE_TRAY_CERTIFICATES names such a folder, they are taken from there.
"""

import os
import shutil
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path

MADE_BEFORE = "PRESENCE_TRAY_CERTIFICATES"
KINDS: dict[str, tuple[tuple[str, ...], datetime | None]] = {
    "good": (("localhost", "127.0.0.1"), None),
    "nobody vouches for": (("localhost", "127.0.0.1"), None),
    "expired": (("localhost",), datetime(2020, 1, 1, tzinfo=UTC)),
    "somebody else's": (("portal.test",), None),
}


def certificate(folder: Path, kind: str = "good") -> tuple[ssl.SSLContext, Path]:
    """Return a server's context, and the file of the authority that vouches for it."""
    if before := os.environ.get(MADE_BEFORE):
        shutil.copytree(Path(before, kind), folder, dirs_exist_ok=True)
    else:
        make(folder, kind)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "ca.pem"


def make(folder: Path, kind: str) -> None:
    """Make an authority, and a certificate with its key."""
    import trustme  # noqa: PLC0415  the one thing that cannot be loaded everywhere

    names, not_after = KINDS[kind]
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued, server_file = authority.issue_cert(*names, not_after=not_after), folder / "server.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(server_file)
    authority.cert_pem.write_to_path(server_file, append=True)  # without its root Wine takes any chain for a good one


if __name__ == "__main__":
    for _kind in KINDS:
        _folder = Path(sys.argv[1], _kind)
        _folder.mkdir(parents=True, exist_ok=True)
        make(_folder, _kind)
