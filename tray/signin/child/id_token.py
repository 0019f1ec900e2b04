"""Whose a token cache is, as its id token says it; read without MSAL, without the network.

The id token comes straight from the token endpoint over TLS, so its signature says nothing new (OpenID Connect Core,
3.1.3.7); but it must be one, and name a user and a tenant as Entra names them.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tray.core.values import Account
from tray.signin.registration import Identity

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
NAMES = ("preferred_username", "upn", "name")  # the first that is there is shown


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a tenant."""

    object_id: str = field(repr=False)
    tenant: str = field(repr=False)
    name: str = field(repr=False)

    def account(self, identity: Identity) -> Account:
        """Return what the tray may know: a name, and a salted hash, so that no object id is stored or shown."""
        salted = f"{identity.authority}\n{identity.client_id}\n{self.tenant}\n{self.object_id}"
        return Account(self.name, hashlib.sha256(salted.encode()).hexdigest()[:24])


def person_of(cache: str | None) -> Person | None:
    """Return who is signed in by a cache; `None` when it is empty or does not name a user."""
    tokens = json.loads(cache).get("IdToken", {}) if cache else {}
    claims = _claims(next(iter(tokens.values()))["secret"]) if tokens else {}
    object_id, tenant = str(claims.get("oid", "")), str(claims.get("tid", ""))
    if not (GUID.match(object_id) and GUID.match(tenant)):
        return None
    name = next((str(claims[key]) for key in NAMES if claims.get(key)), "")
    return Person(object_id, tenant, "".join(letter for letter in name if letter.isprintable()))


def _claims(id_token: str) -> dict[str, Any]:
    try:
        payload = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
