"""What the parts of the page show, and what their forms save."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests import test_settings
from tests.core.driver import Drive, holding
from tests.pseudo import english
from tests.settings_page.browser import CLIENT, Browser, Page, app_at, manage, write
from tray import settings, settings_file
from tray.core.events import SettingsWritten, SignInAsked
from tray.core.states import AVAILABLE, BUSY
from tray.core.values import AccountRead, SignInNeeded
from tray.messages import settings_page as words
from tray.settings_page.fields import FIELDS as PARTS
from tray.settings_page.fields import FieldKind

FIELDS = {field.key: (part, field) for part, fields in PARTS.items() for field in fields}
HOURS = {"days": "mon-fri", "from": "09:00", "to": "17:30", "state": "available"}
NIGHT = {"days": "sat-sun", "from": "22:00", "to": "02:00", "state": "nothing"}


def text(page: Page) -> str:
    return page.paths.settings_file.read_text("utf-8")


def saved(page: Page) -> dict[str, Any]:
    return tomllib.loads(text(page)) if page.paths.settings_file.exists() else {}


# ------------------------------------------------------------------- every part


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_shown(browser: Browser, part: str) -> None:
    assert f'href="/{part}" aria-current="page"' in browser.get(f"/{part}")


def test_every_setting_has_its_field() -> None:
    assert set(FIELDS) == set(settings.KEYS)


@pytest.mark.parametrize("part", [part for part in PARTS if PARTS[part]])
def test_a_form_that_was_not_changed_writes_nothing(page: Page, browser: Browser, part: str) -> None:
    browser.get(f"/{part}")
    assert "Nothing was changed." in browser.send(f"/{part}").text
    assert not page.paths.settings_file.exists()


@pytest.mark.parametrize(
    "key", [key for key, (_, field) in FIELDS.items() if field.kind.value in {*FieldKind} - {"switch", "hours"}]
)
def test_a_right_value_is_saved_and_shown_again(page: Page, browser: Browser, key: str) -> None:
    value = tomllib.loads(f"value = {test_settings.RIGHT[key]}")["value"]
    typed = "\r\n\r\n".join(value) if isinstance(value, list) else str(value)
    part = FIELDS[key][0]
    browser.get(f"/{part}")
    assert "Saved." in browser.send(f"/{part}", **{key: typed}).text or key == "language"
    assert saved(page) == {key: [line.strip() for line in value] if isinstance(value, list) else value}
    before = text(page)
    browser.get(f"/{part}")
    again = browser.send(f"/{part}").text
    assert text(page) == before
    assert "Nothing was changed." in again or key == "language"


FINE = {("lease_minutes", "30"), ("client_id", f"{CLIENT}\n")}  # wrong in a file alone


def mistakes() -> Iterator[tuple[str, str]]:
    """Yield each wrong value of the settings' tests that a form can send."""
    for line, _says in test_settings.MISTAKES:
        try:
            table = tomllib.loads(line)
        except (ValueError, RecursionError):
            continue
        key, value = next(iter(table.items()), ("", None))
        if (
            len(table) == 1
            and key in FIELDS
            and FIELDS[key][1].kind not in {FieldKind.LINES, FieldKind.SWITCH, FieldKind.HOURS}
        ):
            yield key, str(value)  # browsers send no line ends, and spaces around a value are not meant


@pytest.mark.parametrize(("key", "typed"), [each for each in mistakes() if each not in FINE])
def test_a_wrong_value_is_said_beside_its_field_and_nothing_is_written(
    page: Page, browser: Browser, key: str, typed: str
) -> None:
    part = FIELDS[key][0]
    browser.get(f"/{part}")
    answer = browser.send(f"/{part}", **{key: typed})
    assert answer.status_code == 422
    assert f'id="wrong-{key}"' in answer.text
    assert "Nothing was saved." in answer.text
    assert browser.fields("settings")[key] == typed.strip(), "what was typed is lost"
    assert saved(page) == {}


def test_enough_wrong_values_were_tried() -> None:
    assert len({key for key, _typed in mistakes()}) >= 9


# ------------------------------------------------------------------- who else writes


def test_what_an_organisation_has_set_is_shown_and_locked(page: Page, browser: Browser) -> None:
    manage(page, '[managed]\nend_of_day = "18:00"\n')
    shown = browser.get("/general")
    assert "Your organisation has set this." in shown
    assert "end_of_day" not in browser.fields("settings"), "it can be changed"
    assert 'value="18:00"' in shown
    assert browser.send("/general", end_of_day="12:00", at_launch="last").status_code == 200
    assert saved(page) == {"at_launch": "last"}


def test_a_time_with_one_figure_is_shown_as_browsers_write_it(page: Page, browser: Browser) -> None:
    write(page, 'end_of_day = "9:05"\n')
    assert 'value="09:05"' in browser.get("/general")
    assert "Nothing was changed." in browser.send("/general").text
    assert text(page) == 'end_of_day = "9:05"\n'


def test_a_message_that_cannot_be_sent_is_named_by_its_line(page: Page, browser: Browser) -> None:
    browser.get("/messages")
    answer = browser.send("/messages", messages=f"Lunch\r\n{'x' * 281}")
    assert "Line 2: a message is one line" in answer.text
    assert saved(page) == {}


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(page: Page, browser: Browser) -> None:
    browser.get("/general")
    write(page, 'end_of_day = "16:00" # mine\n')
    answer = browser.send("/general", end_of_day="18:00")
    assert answer.status_code == 422
    assert "Nothing was saved, because the file was changed while this page was open." in answer.text
    assert "In the file now: 16:00" in answer.text
    assert "You chose: 18:00" in answer.text
    assert text(page) == 'end_of_day = "16:00" # mine\n'
    browser.send("/general")
    assert text(page) == 'end_of_day = "18:00" # mine\n', "saving what one chose is a second decision"


def test_hours_of_an_organisation_keep_their_days_off_and_message_when_the_user_adds_some(
    page: Page, browser: Browser
) -> None:
    manage(
        page,
        '[[hours]]\ndays = "mon-fri"\nfrom = "09:00"\nto = "17:00"\nstate = "busy"\nmessage = "At work"\n'
        'except = ["2026-12-24..2027-01-01"]\n',
    )
    browser.get("/automatic")
    assert "Saved." in browser.send("/automatic", microphone="busy", action="save").text
    assert "hours" not in saved(page), "what was not changed stays the organisation's"
    browser.send("/automatic", action="add-row")
    assert "Saved." in browser.send("/automatic").text
    first, second = saved(page)["hours"]
    assert (first["message"], first["except"]) == ("At work", ["2026-12-24..2027-01-01"])
    assert "except" not in second


def test_a_change_elsewhere_in_the_file_is_no_conflict(page: Page, browser: Browser) -> None:
    browser.get("/general")
    write(page, "# Mine.\n\nmicrophone = 'busy'\n")
    assert "Saved." in browser.send("/general", end_of_day="18:00").text
    assert text(page) == "# Mine.\n\nend_of_day = \"18:00\"\nmicrophone = 'busy'\n"


def test_a_wrong_value_in_the_file_is_shown_and_can_be_corrected(page: Page, browser: Browser) -> None:
    write(page, "lease_minutes = 4000\n")
    shown = browser.get("/general")
    assert 'id="wrong-lease_minutes"' in shown
    assert "Saved." in browser.send("/general", lease_minutes="40").text
    assert saved(page) == {"lease_minutes": 40}


def test_a_file_that_is_no_toml_is_left_alone(page: Page, browser: Browser) -> None:
    write(page, "tenant = \n")
    assert "until the file is corrected" in browser.get("/general")
    browser.send("/general", end_of_day="18:00")
    assert text(page) == "tenant = \n"


def test_a_setting_that_is_emptied_goes(page: Page, browser: Browser) -> None:
    write(page, "authority = 'https://login.test/x'\ncloud = 'dod'\n")
    browser.get("/account")
    browser.send("/account", authority="")
    assert text(page) == "cloud = 'dod'\n"


# ------------------------------------------------------------------- account


def test_without_a_registration_the_page_begins_with_it(browser: Browser) -> None:
    shown = browser.get("/")
    assert "Set up Presence Tray" in shown
    assert "az ad app create" in shown


def test_the_ids_are_saved_and_the_sign_in_begins(page: Page, browser: Browser) -> None:
    drive = Drive()
    drive.start(granted=False)
    with app_at(page.paths, drive) as told:
        browser.get("/account")
        answer = browser.send("/account", client_id=CLIENT, tenant="contoso.com", action="sign-in")
    assert saved(page) == {"client_id": CLIENT, "tenant": "contoso.com"}
    assert [each for each in told if isinstance(each, SettingsWritten | SignInAsked)] == [
        SettingsWritten(),
        SignInAsked(),
    ]
    assert answer.status_code == 200
    assert re.search(r'http-equiv="refresh" content="2; url=/account(\?waits=29)?"', answer.text), (
        "it updates by itself"
    )


def test_the_page_looks_again_until_the_sign_in_has_begun_but_not_for_ever(page: Page, browser: Browser) -> None:
    write(page, f'client_id = "{CLIENT}"\ntenant = "contoso.com"\n')
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    with app_at(page.paths, drive):
        assert 'content="2; url=/account?waits=29"' in browser.get("/account?waits=30")
        assert 'content="2; url=/account?waits=29"' in browser.get("/account?waits=9999")
        for ended in ("/account?waits=1", "/account?waits=0", "/account?waits=x", "/account"):
            assert "http-equiv" not in browser.get(ended)
        drive.post(SignInAsked())
        assert 'content="2; url=/account"' in browser.get("/account")
        drive.grant()
        assert "http-equiv" not in browser.get("/account?waits=30")


def test_who_is_signed_in_is_said(page: Page, browser: Browser) -> None:
    write(page, f'client_id = "{CLIENT}"\ntenant = "contoso.com"\n')
    with app_at(page.paths, holding(AVAILABLE)):
        shown = browser.get("/account")
    assert "You&#39;re signed in as adele@example.test." in shown
    assert "Sign out" in shown


def test_no_row_of_the_menu_but_those_of_the_account_can_be_pressed(page: Page, browser: Browser) -> None:
    write(page, f'client_id = "{CLIENT}"\ntenant = "contoso.com"\n')
    with app_at(page.paths, holding(AVAILABLE)) as told:
        browser.get("/account")
        browser.send("/account", "sign-in", action="quit")
        browser.send("/account", "sign-in", action="busy")
    assert told == []


# ------------------------------------------------------------------- hours


def test_hours_are_added_edited_moved_and_removed_without_a_script(page: Page, browser: Browser) -> None:
    browser.get("/automatic")
    browser.send("/automatic", action="add-hours")
    assert saved(page) == {}, "nothing is saved before Save"
    browser.send("/automatic", action="add-hours")
    changes = {
        "hours-1-days": ["sat", "sun"],
        "hours-1-from": "22:00",
        "hours-1-to": "02:00",
        "hours-1-state": "nothing",
    }
    browser.send("/automatic", **changes)
    assert saved(page) == {"hours": [HOURS, NIGHT]}
    browser.get("/automatic")
    browser.send("/automatic", action="up-hours-1")
    browser.send("/automatic")
    assert saved(page) == {"hours": [NIGHT, HOURS]}
    browser.get("/automatic")
    browser.send("/automatic", action="remove-hours-0")
    browser.send("/automatic")
    assert saved(page) == {"hours": [HOURS]}
    browser.get("/automatic")
    browser.send("/automatic", action="remove-hours-0")
    browser.send("/automatic")
    assert saved(page) == {}


def test_hours_keep_their_comments_and_their_spelling(page: Page, browser: Browser) -> None:
    before = (
        'cloud = \'dod\' # ours\n\n# Office.\n[[hours]]\ndays = ["mon", "Tue-fri"] # not the weekend\n'
        'from = "9:00"\nto = "17:30"\nstate = "available"\nexcept = ["2026-12-24..2027-01-01"] # closed\n'
    )
    write(page, before)
    browser.get("/automatic")
    assert "Nothing was changed." in browser.send("/automatic").text
    browser.get("/automatic")
    browser.send("/automatic", **{"hours-0-to": "18:00"})
    after = text(page)
    assert "# Office.\n[[hours]]\n" in after
    assert "# not the weekend" in after
    assert "# closed" in after
    assert 'to = "18:00"' in after


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("from", "9", "a time of day, such as 17:00"),
        ("to", "", "a time of day, such as 17:00"),
        ("state", "in-a-meeting", "or a status such as"),
        ("except", "24.12.2026", "Write days as 2026-12-24"),
        ("message", "x" * 281, "one line of at most 280 characters."),
        ("days", [], "Choose at least one day."),
    ],
)
def test_wrong_hours_are_said_and_not_written(page: Page, browser: Browser, field: str, typed: Any, says: str) -> None:
    browser.get("/automatic")
    browser.send("/automatic", action="add-hours")
    answer = browser.send("/automatic", **{f"hours-0-{field}": typed})
    assert answer.status_code == 422
    assert says in answer.text
    assert saved(page) == {}


def test_the_week_is_shown_at_a_glance(page: Page, browser: Browser) -> None:
    settings_file.write(
        page.paths, {"hours": [HOURS, {"days": "fri", "from": "22:00", "to": "02:00", "state": "away"}]}
    )
    shown = browser.get("/automatic")
    assert shown.count("<li>Available, 09:00 to 17:30</li>") == 5
    assert "<li>Away, 22:00 to 24:00</li>" in shown
    assert "<li>Away, 00:00 to 02:00</li>" in shown


def test_a_rule_is_switched_on(page: Page, browser: Browser) -> None:
    with app_at(page.paths, holding(AVAILABLE)) as told:
        browser.get("/automatic")
        browser.send("/automatic", microphone="in-a-call", when_locked="release")
    assert saved(page) == {"microphone": "in-a-call", "when_locked": "release"}
    assert told == [SettingsWritten()]


# ------------------------------------------------------------------- the rest


def test_what_the_app_shows_stands_on_top(page: Page, browser: Browser) -> None:
    assert "Presence Tray isn&#39;t running." in browser.get("/general")
    with app_at(page.paths, holding(AVAILABLE)):
        assert "Teams shows: Available" in browser.get("/general")
        assert "Teams shows: Available" in browser.get("/now")


@pytest.mark.parametrize("set_up", [True, False])
def test_on_the_page_itself_nobody_is_sent_to_the_menu(page: Page, browser: Browser, set_up: bool) -> None:
    if set_up:
        settings_file.write(page.paths, {"client_id": CLIENT, "tenant": "contoso.com"})
    drive = Drive()
    drive.start(granted=False)
    drive.token(SignInNeeded("You need to sign in.", "In the menu, choose More › Sign in."))
    with app_at(page.paths, drive):
        for path in ("/account", "/now"):
            read = re.sub('data-ended="[^"]*"', "", browser.get(path))  # what is said once the page has closed
            assert "More ›" not in read
            assert f"You can {'sign in' if set_up else 'set it up'} under Account on this page." in browser.text


def test_what_is_wrong_is_shown_with_its_cure(browser: Browser) -> None:
    shown = browser.get("/problems")
    assert shown.count("<li class=") == len(words._CHECKS) - 2
    assert 'class="cure"' in shown
    number = shown.count('<li class="bad"')
    assert f'<p class="found">{english(words.found(number))}</p>' in shown


def test_how_many_problems_there_are_is_said() -> None:
    assert [words.found(number) for number in (0, 1, 2)] == ["No problem found", "1 problem found", "2 problems found"]


def test_the_page_speaks_the_language_of_the_settings(page: Page, browser: Browser) -> None:
    write(page, 'language = "de"\n')
    try:
        assert '<html lang="de">' in browser.get("/general")
    finally:
        write(page, "")
        assert '<html lang="de">' not in browser.get("/general")


def test_a_language_is_called_by_its_own_name_however_the_file_spells_it(page: Page, browser: Browser) -> None:
    for written in ("pt-BR", "pt_BR"):
        write(page, f'language = "{written}"\n')
        try:
            assert f'<option value="{written}" selected>Português (Brasil)</option>' in browser.get("/general")
        finally:
            write(page, "")
            browser.get("/general")


def test_a_status_that_an_organisation_does_not_allow_cannot_be_chosen(page: Page, browser: Browser) -> None:
    manage(page, '[managed]\nstates = ["available", "busy"]\n')
    shown = browser.get("/general")
    assert '<option value="busy">' in shown
    assert '<option value="away">' not in shown
    browser.get("/automatic")
    assert '<option value="away">' not in browser.send("/automatic", action="add-hours").text.partition("hours-0-")[2]


def test_an_end_at_24_stays_as_it_is_written(page: Page, browser: Browser) -> None:
    hours = '[[hours]]\nfrom = "22:00"\nto = "24:00"\nstate = "away"\n'
    write(page, hours)
    assert "Away, 22:00 to 24:00" in browser.get("/automatic")
    browser.send("/automatic", microphone="busy")
    assert text(page) == f'microphone = "busy"\n{hours}'


def test_a_table_in_single_brackets_is_shown_and_saved_as_it_was_meant(page: Page, browser: Browser) -> None:
    table = 'from = "09:00"\nto = "17:00"\nstate = "busy"\n'
    write(page, f"[hours]\n{table}")
    browser.get("/automatic")
    assert "tables, each headed [[hours]]" in browser.text
    browser.send("/automatic")
    assert text(page) == f"[[hours]]\n{table}"


def test_hours_that_the_page_would_not_offer_stay_as_they_are(page: Page, browser: Browser) -> None:
    manage(page, '[managed]\nstates = ["available", "busy", "in-a-call"]\n')
    table = '[[hours]]\nfrom = "{0:02}:00"\nto = "{0:02}:30"\nstate = "away"\nexcept = ["2026-12-24", "{1}-12-25"]\n'
    hours = "".join(table.format(number % 24, 2026 + number) for number in range(101))
    write(page, hours)
    browser.get("/automatic")
    assert browser.send("/automatic", microphone="in-a-call").status_code == 200
    assert text(page) == f'microphone = "in-a-call"\n{hours}'


def test_a_form_made_by_hand_with_a_status_that_is_not_allowed_sets_none(page: Page, browser: Browser) -> None:
    manage(page, '[managed]\nstates = ["available", "busy"]\n')
    browser.get("/automatic")
    browser.send("/automatic", microphone="away")
    assert settings.load(page.paths).for_engine.rules.microphone is None
    browser.send("/automatic", microphone="busy")
    assert settings.load(page.paths).for_engine.rules.microphone is BUSY
