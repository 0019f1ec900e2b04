"""The sandbox's tokens: access tokens that end, refresh tokens that rotate; knows no grant and no HTTP.

The refresh tokens of one sign-in are a family: one is good, the rest are used up. One that is used twice ends its
whole family, as RFC 9700 asks for; Entra is more lenient, and so is a platform whose `reuse_ends_family` is off.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFETIME = timedelta(minutes=65)


class Refused(Exception):  # noqa: N818  an outcome, not an accident
    """An OAuth error: its code and description."""

    def __init__(self, error: str, description: str = "", **more: object) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description, **more}


@dataclass(slots=True)
class Family:
    """The refresh tokens of one sign-in."""

    name: str
    scope: str
    good: str = ""
    alive: bool = True


@dataclass(slots=True)
class Tokens:
    """Every token that one tenant gave out, to its one user."""

    now: Callable[[], datetime]
    lifetime: timedelta = LIFETIME
    reuse_ends_family: bool = True
    access: dict[str, datetime] = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    given_out: list[str] = field(default_factory=list)  # every secret, for whoever looks for leaks
    refreshes: int = 0

    def are_good(self, access: str) -> bool:
        """Tell whether an access token is good."""
        ends = self.access.get(access)
        return ends is not None and self.now() < ends

    def revoke(self) -> None:
        """End every sign-in."""
        self.access.clear()
        for family in self.families:
            family.alive = False

    def begin(self, scope: str, claims: Mapping[str, str]) -> dict[str, object]:
        """Issue the tokens of a new sign-in."""
        family = Family(secrets.token_hex(8), scope)
        self.families.append(family)
        return self._issue(family, claims)

    def refresh(self, token: str, claims: Mapping[str, str]) -> dict[str, object]:
        """Issue new tokens for a refresh token. Raises Refused."""
        self.refreshes += 1
        family = next((each for each in self.families if token.startswith(f"{each.name}.")), None)
        if family is None or not family.alive:
            raise Refused("invalid_grant", "AADSTS700081: the refresh token has expired.", suberror="bad_token")
        if token != family.good and self.reuse_ends_family:
            family.alive = False
            raise Refused("invalid_grant", "AADSTS700082: the refresh token was used before.", suberror="bad_token")
        return self._issue(family, claims)

    def _issue(self, family: Family, claims: Mapping[str, str]) -> dict[str, object]:
        access = secrets.token_urlsafe(48)
        self.access[access] = self.now() + self.lifetime
        family.good = f"{family.name}.{secrets.token_urlsafe(48)}"
        secrets_of_it = {
            "access_token": access,
            "refresh_token": family.good,
            "id_token": f"{encoded({'alg': 'none'})}.{encoded(claims)}.",
            "client_info": encoded({"uid": claims["oid"], "utid": claims["tid"]}),
        }
        self.given_out.extend(secrets_of_it.values())
        expires_in = int(self.lifetime.total_seconds())
        return {"token_type": "Bearer", "scope": family.scope, "expires_in": expires_in, **secrets_of_it}


def encoded(value: Mapping[str, str]) -> str:
    """Return a JSON object as a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
