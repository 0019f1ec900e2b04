"""The sandbox's identity platform: what MSAL needs of Entra, in memory.

It refuses what Entra refuses: `organizations` for a single-tenant registration, tenants and Graphs that it does not
know, redirects other than `http://localhost:<port>`.

The refresh tokens of one sign-in are a family, in which only the newest is good. Using an older one ends the family, as
RFC 9700 asks for; Entra is more lenient, and so is a platform whose `reuse_ends_family` is off.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qs, urlencode

from tray.graph.http_messages import HttpRequest, HttpResponse, replied

REDIRECT = re.compile(r"http://localhost(:\d+)?\Z")
PATH = re.compile(r"/(?P<tenant>[^/]+)/(?P<rest>.+)\Z")
DISCOVERY = "v2.0/.well-known/openid-configuration"
DEVICE_LIFETIME = timedelta(minutes=15)
LIFETIME = timedelta(minutes=65)  # of an access token
MULTI_TENANT = frozenset({"organizations", "common"})  # names that Entra knows, and this registration does not


class OAuthError(Exception):
    """An answer that refuses: OAuth's code and a description."""

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
    """Every token that a tenant gave its one user."""

    now: Callable[[], datetime]
    lifetime: timedelta = LIFETIME
    reuse_ends_family: bool = True
    access: dict[str, datetime] = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    given_out: list[str] = field(default_factory=list)  # every secret, for the tests that look for leaks
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
        """Issue new tokens for a refresh token; raise `OAuthError`."""
        self.refreshes += 1
        family = next((each for each in self.families if token.startswith(f"{each.name}.")), None)
        if family is None or not family.alive:
            raise OAuthError("invalid_grant", "AADSTS700081: the refresh token has expired.", suberror="bad_token")
        if token != family.good and self.reuse_ends_family:
            family.alive = False
            raise OAuthError("invalid_grant", "AADSTS700082: the refresh token was used before.", suberror="bad_token")
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
class IdentityPlatform:
    """One tenant with one user, and every grant that MSAL uses here."""

    now: Callable[[], datetime]
    origin: str = "https://login.sandbox.test"
    browser_origin: str = "https://login.sandbox.test"  # where a browser reaches the authorize page
    tenant: str = "00000000-0000-0000-0000-00000000007e"
    client_id: str = "00000000-0000-0000-0000-0000000000c1"
    object_id: str = "00000000-0000-0000-0000-0000000000ad"
    username: str = "Adele Vance (demo)"
    graph_origin: str = "https://graph.sandbox.test"  # the one resource that tokens are given for
    consents: bool = True  # the user approves a device code at once
    fault: Callable[[HttpRequest], HttpResponse | None] | None = None
    tokens: Tokens = field(init=False)
    codes: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, Grant] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Issue tokens by the platform's clock."""
        self.tokens = Tokens(self.now)

    @property
    def authority(self) -> str:
        """Return what MSAL is given."""
        return f"{self.origin}/{self.tenant}"

    # ------------------------------------------------------------------- for Graph and the scenarios

    def accepts(self, bearer: str) -> str | None:
        """Return whose access token it is; `None` when it is not good."""
        return self.object_id if self.tokens.are_good(bearer) else None

    def expire_access(self) -> None:
        """End every access token."""
        self.tokens.access.clear()

    # ------------------------------------------------------------------- HTTP

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        path = PATH.match(request.path)
        self.log.append(request.path)
        if self.fault and (broken := self.fault(request)):
            return broken
        if path is None:
            return replied(404, content=b"not found")
        try:
            return self._route(request, path["tenant"], path["rest"])
        except OAuthError as refused:
            return replied(400, json=refused.body)

    def _route(self, request: HttpRequest, tenant: str, rest: str) -> HttpResponse:
        if tenant != self.tenant:
            return self._refuse_tenant(tenant, rest)
        fields = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        match request.method, rest:
            case "GET", where if where == DISCOVERY:
                return replied(200, json=self._discovery(tenant))
            case "GET", "oauth2/v2.0/authorize":
                return self._authorize(request.query)
            case "POST", "oauth2/v2.0/devicecode":
                return replied(200, json=self._device_code(fields))
            case "POST", "oauth2/v2.0/token":
                return replied(200, json=self._token(fields))
            case _:
                return replied(404, content=b"not found")

    def _refuse_tenant(self, tenant: str, rest: str) -> HttpResponse:
        """Answer as Entra does: discovery finds a multi-tenant name, a sign-in by it is refused."""
        if tenant in MULTI_TENANT and rest == DISCOVERY:
            return replied(200, json=self._discovery(tenant))
        if tenant in MULTI_TENANT:
            raise OAuthError("invalid_request", "AADSTS50194: This application is not a multi-tenant application.")
        raise OAuthError("invalid_tenant", f"AADSTS90002: Tenant '{tenant}' not found.")

    def _discovery(self, tenant: str) -> dict[str, str]:
        base = f"{self.origin}/{tenant}"
        return {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{self.browser_origin}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        }

    # ------------------------------------------------------------------- grants

    def _authorize(self, query: dict[str, str]) -> HttpResponse:
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id or not REDIRECT.match(redirect):
            return replied(400, content=b"AADSTS50011: the redirect URI does not match.")
        self._check_scope(query)
        code = secrets.token_urlsafe(32)
        self.codes[code] = Grant(
            self.client_id, query.get("scope", ""), redirect, query.get("code_challenge", ""), query.get("nonce", "")
        )
        form = {"code": code, "state": query.get("state", "")}
        if query.get("response_mode") != "form_post":
            return replied(302, headers={"location": f"{redirect}?{urlencode(form)}"})
        inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(form[name])}">' for name in form)
        form_tag = f'<form method="post" action="{escape(redirect)}">{inputs}</form>'
        page = f"{form_tag}<script>document.forms[0].submit()</script>"
        return replied(200, html=f"<!doctype html><body>{page}</body>")

    def _device_code(self, fields: dict[str, str]) -> dict[str, object]:
        self._check_client(fields)
        self._check_scope(fields)
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
            raise OAuthError("unauthorized_client", "AADSTS700016: the application was not found in the directory.")

    def _check_scope(self, fields: dict[str, str]) -> None:
        """Refuse permissions of a resource that this tenant does not know."""
        resources = [scope.rpartition("/")[0] for scope in fields.get("scope", "").split() if "/" in scope]
        if any(resource != self.graph_origin for resource in resources):
            raise OAuthError("invalid_resource", "AADSTS500011: The resource principal was not found in the tenant.")

    # ------------------------------------------------------------------- tokens

    def _token(self, fields: dict[str, str]) -> dict[str, object]:
        self._check_client(fields)
        match fields.get("grant_type"):
            case "authorization_code":
                grant = self.codes.pop(fields.get("code", ""), None)
                if grant is None or grant.redirect_uri != fields.get("redirect_uri"):
                    raise OAuthError("invalid_grant", "AADSTS70008: the code has expired or was used.")
                if _challenge(fields.get("code_verifier", "")) != grant.challenge:
                    raise OAuthError("invalid_grant", "AADSTS501481: the code verifier does not match.")
                return self.tokens.begin(grant.scope, self._claims(grant.nonce))
            case "refresh_token":
                self._check_scope(fields)
                return self.tokens.refresh(fields.get("refresh_token", ""), self._claims())
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._redeem_device(fields.get("device_code", ""))
            case other:
                raise OAuthError("unsupported_grant_type", str(other))

    def _redeem_device(self, code: str) -> dict[str, object]:
        grant = self.devices.get(code)
        if grant is None or grant.expires_at is None or self.now() > grant.expires_at:
            raise OAuthError("expired_token", "AADSTS70020: the device code has expired.")
        if not grant.approved:
            raise OAuthError("authorization_pending", "AADSTS70016: waiting for the user.")
        del self.devices[code]
        return self.tokens.begin(grant.scope, self._claims())

    def _claims(self, nonce: str = "") -> dict[str, str]:
        """Return what the id token says."""
        issued = {"iss": f"{self.authority}/v2.0", "aud": self.client_id}
        claims = {"oid": self.object_id, "tid": self.tenant, "sub": self.object_id, "preferred_username": self.username}
        return issued | claims | ({"nonce": nonce} if nonce else {})


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def encoded(value: Mapping[str, str]) -> str:
    """Return a JSON object as a part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
