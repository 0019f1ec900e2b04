"""The sandbox's identity platform: what MSAL needs of Entra, in memory; knows no presence and no sockets.

Three grants with rotation of refresh tokens: one that is used twice ends its whole family. It refuses what Entra
refuses: `organizations` for a single-tenant registration, redirects other than `http://localhost:<port>`.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlencode

import httpx

REDIRECT = re.compile(r"http://localhost(:\d+)?$")
PATH = re.compile(r"/(?P<tenant>[^/]+)/(?P<rest>.+)$")
DISCOVERY = "v2.0/.well-known/openid-configuration"
LIFETIME = timedelta(minutes=65)
DEVICE_LIFETIME = timedelta(minutes=15)


class Refused(Exception):  # noqa: N818  an outcome, not an accident
    """An OAuth error: its code and description."""

    def __init__(self, error: str, description: str = "", **more: object) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description, **more}


@dataclass(slots=True)
class Grant:
    """A code that waits to be redeemed."""

    client_id: str
    scope: str
    redirect_uri: str = ""
    challenge: str = ""
    nonce: str = ""
    approved: bool = True
    expires_at: datetime | None = None


@dataclass(slots=True)
class Family:
    """The refresh tokens of one sign-in: one is good, the rest are used up."""

    good: str
    scope: str
    alive: bool = True


@dataclass(slots=True)
class IdentityPlatform:
    """One tenant with one user, and every way in that MSAL knows."""

    now: Callable[[], datetime]
    origin: str = "https://login.sandbox.test"
    browser_origin: str = "https://login.sandbox.test"  # where a browser reaches the authorize page
    tenant: str = "00000000-0000-0000-0000-00000000007e"
    client_id: str = "00000000-0000-0000-0000-0000000000c1"
    object_id: str = "00000000-0000-0000-0000-0000000000ad"
    username: str = "Adele Vance (demo)"
    consents: bool = True  # the user approves a device code at once
    fault: Callable[[httpx.Request], httpx.Response | None] | None = None
    access: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, Grant] = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    refreshes: int = 0
    log: list[str] = field(default_factory=list)

    @property
    def authority(self) -> str:
        """Return what MSAL is given."""
        return f"{self.origin}/{self.tenant}"

    # ------------------------------------------------------------------- for Graph and for levers

    def accepts(self, bearer: str) -> str | None:
        """Return whose access token it is; `None` when it is not good."""
        ends = self.access.get(bearer)
        return self.object_id if ends is not None and self.now() < ends else None

    def expire_access(self) -> None:
        """End every access token."""
        self.access.clear()

    def revoke(self) -> None:
        """End every sign-in."""
        self.access.clear()
        for family in self.families:
            family.alive = False

    # ------------------------------------------------------------------- HTTP

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = PATH.match(request.url.path)
        self.log.append(request.url.path)
        if self.fault and (broken := self.fault(request)):
            return broken
        if path is None:
            return httpx.Response(404, text="not found")
        if path["tenant"] != self.tenant:
            return self._refuse_tenant(path["rest"])
        fields = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        try:
            match request.method, path["rest"]:
                case "GET", rest if rest == DISCOVERY:
                    return httpx.Response(200, json=self._discovery())
                case "GET", "oauth2/v2.0/authorize":
                    return self._authorize({name: value for name, value in request.url.params.items()})  # noqa: C416
                case "POST", "oauth2/v2.0/devicecode":
                    return httpx.Response(200, json=self._device_code(fields))
                case "POST", "oauth2/v2.0/token":
                    return httpx.Response(200, json=self._token(fields))
                case _:
                    return httpx.Response(404, text="not found")
        except Refused as refused:
            return httpx.Response(400, json=refused.body)

    def _refuse_tenant(self, rest: str) -> httpx.Response:
        if rest == DISCOVERY:
            return httpx.Response(200, json=self._discovery())
        description = "AADSTS50194: Application is not configured as a multi-tenant application."
        return httpx.Response(400, json={"error": "invalid_request", "error_description": description})

    def _discovery(self) -> dict[str, str]:
        base = f"{self.authority}/oauth2/v2.0"
        return {
            "issuer": f"{self.authority}/v2.0",
            "authorization_endpoint": f"{self.browser_origin}/{self.tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/token",
            "device_authorization_endpoint": f"{base}/devicecode",
        }

    # ------------------------------------------------------------------- ways in

    def _authorize(self, query: dict[str, str]) -> httpx.Response:
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id or not REDIRECT.match(redirect):
            return httpx.Response(400, text="AADSTS50011: the redirect URI does not match.")
        code = secrets.token_urlsafe(32)
        self.codes[code] = Grant(
            self.client_id, query.get("scope", ""), redirect, query.get("code_challenge", ""), query.get("nonce", "")
        )
        form = {"code": code, "state": query.get("state", "")}
        if query.get("response_mode") != "form_post":
            return httpx.Response(302, headers={"Location": f"{redirect}?{urlencode(form)}"})
        inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(form[name])}">' for name in form)
        form_tag = f'<form method="post" action="{escape(redirect)}">{inputs}</form>'
        page = f"{form_tag}<script>document.forms[0].submit()</script>"
        return httpx.Response(200, html=f"<!doctype html><body>{page}</body>")

    def _device_code(self, fields: dict[str, str]) -> dict[str, object]:
        self._check_client(fields)
        code = secrets.token_urlsafe(32)
        ends = self.now() + DEVICE_LIFETIME
        self.devices[code] = Grant(self.client_id, fields.get("scope", ""), approved=self.consents, expires_at=ends)
        return {
            "device_code": code,
            "user_code": "DEMO-CODE",
            "verification_uri": f"{self.browser_origin}/device",
            "expires_in": int(DEVICE_LIFETIME.total_seconds()),
            "interval": 1,
            "message": "Enter the code.",
        }

    def approve_devices(self) -> None:
        """Let the user approve every device code that waits."""
        for grant in self.devices.values():
            grant.approved = True

    def _check_client(self, fields: dict[str, str]) -> None:
        if fields.get("client_id") != self.client_id:
            raise Refused("unauthorized_client", "AADSTS700016: the application was not found in the directory.")

    # ------------------------------------------------------------------- tokens

    def _token(self, fields: dict[str, str]) -> dict[str, object]:
        self._check_client(fields)
        match fields.get("grant_type"):
            case "authorization_code":
                grant = self.codes.pop(fields.get("code", ""), None)
                if grant is None or grant.redirect_uri != fields.get("redirect_uri"):
                    raise Refused("invalid_grant", "AADSTS70008: the code has expired or was used.")
                if _challenge(fields.get("code_verifier", "")) != grant.challenge:
                    raise Refused("invalid_grant", "AADSTS501481: the code verifier does not match.")
                return self._issue(grant.scope, nonce=grant.nonce)
            case "refresh_token":
                return self._refresh(fields.get("refresh_token", ""))
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._redeem_device(fields.get("device_code", ""))
            case other:
                raise Refused("unsupported_grant_type", str(other))

    def _redeem_device(self, code: str) -> dict[str, object]:
        grant = self.devices.get(code)
        if grant is None or grant.expires_at is None or self.now() > grant.expires_at:
            raise Refused("expired_token", "AADSTS70020: the device code has expired.")
        if not grant.approved:
            raise Refused("authorization_pending", "AADSTS70016: waiting for the user.")
        del self.devices[code]
        return self._issue(grant.scope)

    def _refresh(self, token: str) -> dict[str, object]:
        self.refreshes += 1
        family = next((each for each in self.families if token.startswith(each.good.split(".")[0] + ".")), None)
        if family is None or not family.alive:
            raise Refused("invalid_grant", "AADSTS700081: the refresh token has expired.", suberror="bad_token")
        if token != family.good:
            family.alive = False
            raise Refused("invalid_grant", "AADSTS700082: the refresh token was used before.", suberror="bad_token")
        return self._issue(family.scope, family)

    def _issue(self, scope: str, family: Family | None = None, nonce: str = "") -> dict[str, object]:
        access = secrets.token_urlsafe(48)
        self.access[access] = self.now() + LIFETIME
        name = family.good.split(".")[0] if family else secrets.token_hex(8)
        refresh = f"{name}.{secrets.token_urlsafe(48)}"
        if family:
            family.good = refresh
        else:
            self.families.append(Family(refresh, scope))
        claims = {"oid": self.object_id, "tid": self.tenant, "sub": self.object_id, "preferred_username": self.username}
        if nonce:
            claims["nonce"] = nonce
        return {
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": int(LIFETIME.total_seconds()),
            "access_token": access,
            "refresh_token": refresh,
            "id_token": f"{_encoded({'alg': 'none'})}.{_encoded(claims)}.",
            "client_info": _encoded({"uid": self.object_id, "utid": self.tenant}),
        }


def _encoded(value: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
