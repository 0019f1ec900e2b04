"""The user that a token cache belongs to, as its id token says; read without MSAL or the network.

The id token came from the token endpoint over TLS, so its signature need not be checked (OpenID Connect Core,
3.1.3.7). It must be well formed and name a user and a tenant as Entra does.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from tray.core.values import Account
from tray.signin.registration import AppRegistration

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
LONGEST_NAME = 100  # characters
NAMES = ("preferred_username", "upn", "name")  # the first one present is shown


@dataclass(frozen=True, slots=True)
class Person:
    """A user of a tenant."""

    object_id: str = field(repr=False)
    tenant: str = field(repr=False)
    name: str = field(repr=False)

    def account(self, registration: AppRegistration) -> Account:
        """Return what the tray may know: the name, and a salted hash instead of the object id."""
        salted = f"{registration.authority}\n{registration.client_id}\n{self.tenant}\n{self.object_id}"
        return Account(self.name, hashlib.sha256(salted.encode()).hexdigest()[:24])


def person_of(cache: str | None) -> Person | None:
    """Return whom a cache belongs to; `None` when it is empty or names no user."""
    tokens = json.loads(cache).get("IdToken", {}) if cache else {}
    claims = _claims(next(iter(tokens.values()))["secret"]) if tokens else {}
    object_id, tenant = str(claims.get("oid", "")), str(claims.get("tid", ""))
    if not (GUID.match(object_id) and GUID.match(tenant)):
        return None
    name = next((str(claims[key]) for key in NAMES if claims.get(key)), "")
    return Person(object_id, tenant, "".join(letter for letter in name[:LONGEST_NAME] if letter.isprintable()))


def _claims(id_token: str) -> dict[str, Any]:
    try:
        payload = id_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
