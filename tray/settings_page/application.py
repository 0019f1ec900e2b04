"""The page as a web application: its addresses, and what each answers."""

import base64
import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug import Request, Response
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect

from tray import files
from tray.messages import catalogue
from tray.messages import settings_page as words
from tray.settings import PARTS
from tray.settings_page import pictures
from tray.settings_page.pages import Done, Pages
from tray.settings_page.visitors import HEADERS, Visitors, is_from_here

HERE = Path(__file__).parent
COOKIE = "presence-tray-{port}"  # browsers send a cookie to every port of a host
LARGEST_FORM = files.LARGEST  # bytes
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
SEE_OTHER = 303

ADDRESSES = Map(
    [
        Rule("/", endpoint="start", methods=["GET"]),
        Rule("/open/<secret>", endpoint="open", methods=["GET"]),
        Rule("/<any('style.css', 'page.js', 'icon.svg'):name>", endpoint="file", methods=["GET"]),
        Rule("/now", endpoint="now", methods=["GET"]),
        Rule(f"/<any({', '.join(PARTS)}):part>", endpoint="part", methods=["GET", "POST"]),
    ]
)
PLAIN_STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}"

LOG = logging.getLogger("tray.settings_page")

StartResponse = Callable[..., Any]


def page_language() -> str:
    """Return the language in use, as HTML names it."""
    return catalogue.language().replace("_", "-")


@cache
def _templates() -> Environment:
    """Return the templates, each of which is compiled when it is first shown."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {
        "t": words.text,
        "words": words,
        "whole": catalogue.whole,
        "picture": pictures.picture,
        "app": pictures.app,
        "language": page_language,
    }
    return templates


class Application:
    """Answers each request, once the guards have let it through."""

    def __init__(self, pages: Pages, visitors: Visitors) -> None:
        self._pages = pages
        self._visitors = visitors
        self.used: Callable[[], None] = lambda: None  # called for each request that keeps the page alive
        self.port = 0
        self._templates = _templates()

    @property
    def origin(self) -> str:
        """Return the page's own origin."""
        return f"http://127.0.0.1:{self.port}"

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = LARGEST_FORM
        try:
            response = self._answer(request)
        except Forbidden:
            response = self._refusal()
        except HTTPException as exc:
            response = Response(f"{exc.code} {exc.name}\n", exc.code or 400)
        except Exception:
            LOG.exception("no answer to a request")
            response = Response(f"{InternalServerError.code} Internal Server Error\n", InternalServerError.code)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        changes = request.method not in {"GET", "HEAD"}
        if not is_from_here(request.headers, self.origin, changes=changes):
            raise Forbidden
        endpoint, values = ADDRESSES.bind_to_environ(request.environ).match()
        if endpoint == "open":
            return self._admitted(values["secret"])
        session = request.cookies.get(COOKIE.format(port=self.port))
        if session is None or not self._visitors.knows(session):
            raise Forbidden
        if endpoint == "now":  # asked by the open page itself, which must not keep its own process alive
            return self._page("now.html", self._pages.now())
        self.used()
        match endpoint:
            case "start":
                return redirect(f"/{self._pages.first()}", SEE_OTHER)
            case "file":
                return self._file(values["name"])
        return self._part(request, session, values["part"])

    def _part(self, request: Request, session: str, part: str) -> Response:
        if request.method != "POST":
            told, waits = request.args.get("told", ""), request.args.get("waits", "")
            return self._page("part.html", self._pages.shown(part, told, waits), session)
        form = request.form.get("form", "")
        if not self._visitors.has_token(session, f"{part} {form}", request.form.get("token", "")):
            raise Forbidden
        outcome = self._pages.act(part, form, request.form)
        if isinstance(outcome, Done):
            return redirect(outcome.address, SEE_OTHER)
        return self._page("part.html", outcome, session, status=422 if outcome["refused"] else 200)

    def _admitted(self, secret: str) -> Response:
        session = self._visitors.admit(secret)
        if session is None:
            raise Forbidden
        self.used()
        response = redirect("/", SEE_OTHER)
        response.set_cookie(COOKIE.format(port=self.port), session, httponly=True, samesite="Strict")
        return response

    def _page(self, template: str, context: dict[str, Any], session: str = "", status: int = 200) -> Response:
        """Render a page; with the doctor's rows it is sent as it is made, because each takes its time."""

        def token(form: str) -> str:
            return self._visitors.form_token(session, f"{context['part']} {form}")

        page = self._templates.get_template(template)
        text = page.generate if "checks" in context else page.render
        return Response(text(token=token, **context), status, mimetype="text/html")

    def _file(self, name: str) -> Response:
        text = pictures.app() if name == "icon.svg" else (HERE / "static" / name).read_text(encoding="utf-8")
        return Response(text, mimetype=TYPES[name.rpartition(".")[2]])

    def _refusal(self) -> Response:
        page = self._templates.get_template("refusal.html").render(style=PLAIN_STYLE)
        digest = base64.b64encode(hashlib.sha256(PLAIN_STYLE.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
        return Response(page, Forbidden.code, {"Content-Security-Policy": policy}, mimetype="text/html")
