"""The parts of the page: what each shows, and what its forms do."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tray.commands.doctor import Check, checks
from tray.core.record import Record
from tray.core.states import BY_KEY, STATES
from tray.desktop.autostart import Launch
from tray.desktop.system import open_autostart
from tray.errors import TrayError
from tray.hours_tables import DAYS
from tray.logs import redacted
from tray.messages import account as account_words
from tray.messages import desktop as desktop_words
from tray.messages import settings_page as words
from tray.paths import Paths
from tray.settings_page import store
from tray.settings_page.fields import FIELDS, MOST_DIGITS, Field, FieldKind, Form, parsed, shown_rows
from tray.settings_page.running_app import ROWS, RunningApp
from tray.settings_page.store import Draft, Read
from tray.settings_page.week import DAY, week
from tray.signin.registration import registration_of

ANSWER_SECONDS = 2.0  # in which the app has begun what was asked for
POLL_SECONDS = 0.05
OLD_NEWS = 3  # looks in which a failure is still that of an earlier sign-in
WAITS = 30  # looks, two seconds apart: another errand may be under way before a sign-in begins
AZ = """\
az ad app create --display-name "Presence Tray" --sign-in-audience AzureADMyOrg \\
  --is-fallback-public-client true --public-client-redirect-uris http://localhost \\
  --required-resource-accesses '[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[
  {"id":"8d3c54a7-cf58-4773-bf81-c0cd6ad522bb","type":"Scope"},
  {"id":"76bc735e-aecd-4a1d-8b4c-2b915deabb79","type":"Scope"}]}]' --query appId -o tsv &&
az account show --query tenantId -o tsv"""
NEW_ROW = {"days": set(DAYS[:5]), "from": "09:00", "to": "17:30", "state": "available", "except": "", "message": ""}
TOLD = frozenset({"saved", "nothing changed"})

Context = dict[str, Any]


class Done(Record):
    """A form was carried out: where the browser goes, and what it is told there."""

    part: str
    told: str = ""
    waits: int = 0  # how often the browser looks again whether the sign-in has begun

    @property
    def address(self) -> str:
        """Return where the browser goes."""
        asked = {name: value for name, value in (("told", self.told), ("waits", self.waits)) if value}
        return f"/{self.part}?{urlencode(asked)}" if asked else f"/{self.part}"


class Refused(Record):
    """A form that was not carried out, or only changes what the form shows: what was sent, and why."""

    draft: Draft | None = None
    rows: list[Context] | None = None  # of hours, with one added, removed or moved
    conflict: bool = False  # the file was changed meanwhile
    failure: tuple[str, str] | None = None

    @property
    def is_wrong(self) -> bool:
        """Tell whether something is to be corrected."""
        return self.conflict or bool(self.failure) or (self.rows is None and bool(self.draft and self.draft.wrong))


class Pages:
    """The parts of the page, over the settings file and the running app."""

    def __init__(self, paths: Paths, app: RunningApp, *, demo: bool) -> None:
        self._paths = paths
        self._app = app
        self._demo = demo

    def first(self) -> str:
        """Name the part that is shown first: what is still to be done, or what is changed most."""
        shown = self._app.shown()
        return "automatic" if self._is_set_up(Read(self._paths)) and (shown.signed_in or not shown.runs) else "account"

    def now(self) -> Context:
        """Return what the app shows now."""
        return {"now": self._app.shown(), "set_up": self._is_set_up(Read(self._paths)), "part": ""}

    def _is_set_up(self, now: Read) -> bool:
        return self._demo or registration_of(now.settings) is not None

    def shown(self, part: str, told: str = "", waits: str = "") -> Context:
        """Return a part as it is in force."""
        context = self._context(part, Read(self._paths), told=told if told in TOLD else "")
        if part == "account" and not context["refresh"] and waits.isascii() and waits.isdecimal():
            left = min(int(waits[:4]), WAITS) - 1
            failed = context["now"].failure and left < WAITS - OLD_NEWS
            if left > 0 and not context["now"].signed_in and not failed:
                context["refresh"] = Done(part, waits=left).address
        return context

    def act(self, part: str, form: str, sent: Form) -> Done | Context:
        """Do what a form asks for."""
        action = sent.get("action", "save")
        match form:
            case "start":
                return self._started(part)
            case "sign-in" if part == "account" and action in ROWS:
                return self._pressed(action)
            case "launch" if part == "general":
                return self._launch_switched(on=action == "on")
            case "settings" if FIELDS[part]:
                return self._settings_sent(part, action, sent)
        return Done(part)

    # ------------------------------------------------------------------- forms

    def _settings_sent(self, part: str, action: str, sent: Form) -> Done | Context:
        now = Read(self._paths)
        draft = Draft(part, sent, now, self._paths)
        if action.startswith(("add-", "remove-", "up-")):
            rows = _changed(list(shown_rows(draft.values.get("hours"))), action)
            return self._context(part, now, Refused(draft, rows))
        if now.broken or draft.wrong:
            return self._context(part, now, Refused(draft))
        if sent.get("seen") != now.seen(part):
            return self._context(part, now, Refused(draft, conflict=True))
        try:
            saved = store.save(part, draft, now, self._paths)
        except TrayError as exc:
            return self._context(part, now, Refused(draft, failure=(exc.title, exc.message)))
        if saved:
            self._app.tell_of_settings()
        if action == "sign-in":
            return self._pressed("sign-in")
        return Done(part, "saved" if saved else "nothing changed")

    def _pressed(self, row: str) -> Done:
        """Press a row of the app's menu, and wait until the app has begun."""
        before = self._app.shown()
        self._app.press(row)
        self._wait(lambda: self._app.shown().clickable != before.clickable)
        return Done("account", waits=WAITS if row.startswith("sign-in") else 0)

    def _wait(self, condition: Any) -> None:
        until = time.monotonic() + ANSWER_SECONDS
        while not condition() and time.monotonic() < until:
            time.sleep(POLL_SECONDS)

    def _started(self, part: str) -> Done:
        self._app.start()
        self._wait(lambda: self._app.shown().runs)
        return Done(part)

    def _launch_switched(self, *, on: bool) -> Done | Context:
        try:
            open_autostart().switch(on=on)
        except TrayError as exc:
            return self._context("general", Read(self._paths), Refused(failure=(exc.title, exc.message)))
        except OSError as exc:
            failure = desktop_words.launch_not_changed(exc.strerror or str(exc))
            return self._context("general", Read(self._paths), Refused(failure=failure))
        self._app.look()
        return Done("general", "saved")

    # ------------------------------------------------------------------- what is shown

    def _context(self, part: str, now: Read, sent: Refused = Refused(), told: str = "") -> Context:  # noqa: B008
        shown = self._app.shown()
        context: Context = {
            "part": part,
            "parts": tuple(FIELDS),
            "now": shown,
            "set_up": self._is_set_up(now),
            "told": told,
            "failure": sent.failure,
            "broken": now.broken,
            "seen": now.seen(part),
            "conflict": sent.conflict,
            "refused": sent.is_wrong,
            "fields": [_field(field, now, sent) for field in FIELDS[part]],
            "refresh": "/account" if part == "account" and shown.signing_in else "",
        }
        match part:
            case "account":
                context |= {"az": AZ}
            case "automatic":
                context |= _hours(now, sent)
            case "general":
                launch = None if self._demo else _launch()
                context |= {"launch": launch, "launch_in_words": desktop_words.launch("on" if launch else "off")}
            case "problems":
                context |= {"checks": self._checks()}
        return context

    def _checks(self) -> Iterator[Check]:
        for check in checks(self._paths):
            yield Check(check.name, check.ok, redacted(check.words), redacted(check.cure))


def _field(field: Field, now: Read, sent: Refused) -> Context:
    """Return a field as a template shows it."""
    own = now.value(field.key)
    value = sent.draft.values.get(field.key, own) if sent.draft else own
    wrong = sent.draft.wrong if sent.draft else now.wrong
    managed = field.key in now.settings.managed
    allowed = tuple(each for each in field.choices if each not in BY_KEY or now.settings.allows(each))
    differs = sent.conflict and not managed and value != own
    choices = allowed if value in allowed or field.kind is not FieldKind.CHOICE else (*allowed, str(value))
    return {
        "key": field.key,
        "kind": field.kind.value,
        "value": store.as_text(field, value),
        "choices": [(each, words.choice(field.key, each)) for each in choices],
        "managed": managed,
        "rare": field.rare,
        "wrong": wrong.get(field.key, ""),
        "hint": account_words.wrong_answer(field.key) if field.key in store.ASKED else "",
        "both": (store.in_words(field, own), store.in_words(field, value)) if differs else None,
    }


def _hours(now: Read, sent: Refused) -> Context:
    """Return the rows of hours, and the week that they make."""
    value = sent.draft.values.get("hours") if sent.draft and "hours" in sent.draft.values else now.value("hours")
    days = [
        (day, [(*stretch.times, stretch.state, _place(stretch)) for stretch in stretches])
        for day, stretches in zip(DAYS, week(parsed(value)), strict=True)
    ]
    return {
        "rows": list(shown_rows(value)) if sent.rows is None else sent.rows,
        "wrong_row": sent.draft.wrong_row if sent.draft and sent.rows is None else None,
        "days": DAYS,
        "week": days if any(stretches for _day, stretches in days) else [],
        "states": [(each.key, words.choice("hours", each.key)) for each in STATES if now.settings.allows(each.key)]
        + [("nothing", words.choice("hours", "nothing"))],
    }


def _place(stretch: Any) -> tuple[float, float]:
    """Return where a stretch stands in its day, and how much of it it takes, in per cent."""
    return round(stretch.begins / DAY * 100, 2), round((stretch.ends - stretch.begins) / DAY * 100, 2)


def _changed(rows: list[Context], action: str) -> list[Context]:
    """Return the rows of hours with one added, removed or moved up."""
    what, number = action.partition("-")[0], action.rpartition("-")[2]
    if what == "add":
        return [*rows, dict(NEW_ROW)]
    index = int(number) if number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS else len(rows)
    if index < len(rows):
        row = rows.pop(index)
        if what == "up":
            rows.insert(max(0, index - 1), row)
    return rows


def _launch() -> bool | None:
    """Tell whether the program starts at login; `None` where it cannot."""
    try:
        return open_autostart().read() is Launch.ON
    except (TrayError, OSError):
        return None
