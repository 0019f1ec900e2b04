"""A trace is text without secrets, and the decisions can be made again from that text alone."""

import json
from collections import deque
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.days.script import Script
from tests.days.simulation import ADELE, World
from tests.replay import replay
from tray.core.config import Config
from tray.core.effects import Effect
from tray.core.engine import begin, decide
from tray.core.events import (
    Answered,
    EndChosen,
    Event,
    KeepChosen,
    LeaveAsked,
    Picked,
    ScenariosRead,
    SignInAsked,
    SignInProgressed,
    SignOutAsked,
    Started,
    Stopped,
    Suspending,
    TokenAnswered,
    UnlockAsked,
    Woke,
)
from tray.core.model import Engine
from tray.core.states import AWAY, BUSY, Pair
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Granted,
    Hold,
    Keep,
    KeyringState,
    KeyringTrouble,
    Lease,
    LeaveReason,
    NetworkFailure,
    Saved,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.logs import redacted
from tray.trace import Step, line, opening

NOW = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRADY = Account("grady@example.test", "0b1c2d3e-0000-4000-8000-000000000001")
SECRETS = ("adele", "grady", "Adele", ADELE.key, GRADY.key, "nonce-claim", "password", "WXYZ", "https://login")
CONFIG = Config(zone=timezone(2 * HOUR), offset=0.123456789, at_launch="last", lease=HOUR)
LEASE = Lease(AWAY.pair, NOW, NOW + HOUR)
LIFE: list[Event] = [  # every kind of value that a trace can hold
    Started(Saved(Hold(BUSY, NOW, NOW + HOUR), BUSY, LEASE, LEASE, ADELE.key)),
    TokenAnswered(1, TryLater("no password", "Ask.", timedelta(seconds=3), NetworkFailure.TLS)),
    Woke(),
    TokenAnswered(2, Granted(ADELE, NOW + HOUR)),
    Answered(3, Answer(AnswerKind.UNAUTHORIZED, claims='{"nonce-claim": 1}', status=401)),
    TokenAnswered(4, Granted(ADELE, NOW + HOUR)),
    Answered(5, Answer(AnswerKind.REFUSED, status=400)),
    Answered(6, Answer(AnswerKind.ACCEPTED)),
    Answered(7, Answer(AnswerKind.ACCEPTED, seen=Pair("Away", "Away"))),
    Answered(8, Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=7.5))),
    KeepChosen(Keep.END_OF_DAY),
    EndChosen(NOW + HOUR),
    Suspending(),
    ScenariosRead((("meeting", "Joins a meeting", True), ("reset", "Resets", None))),
    Stopped(),
    SignInAsked(SignInWay.DEVICE_CODE),
    Woke(),
    SignInProgressed(11, "https://login.example.test", "WXYZ", NOW + HOUR),
    TokenAnswered(11, Granted(GRADY, NOW + 2 * HOUR, remembered=False)),
    Picked(BUSY, NOW + 3 * HOUR, pinned=True, timed=True),
    Answered(12, Answer(AnswerKind.UNAUTHORIZED)),
    TokenAnswered(13, SignInNeeded("the password of grady@example.test changed")),
    SignInAsked(),
    TokenAnswered(14, KeyringTrouble(KeyringState.LOCKED)),
    UnlockAsked(),
    TokenAnswered(15, AccountRead(ADELE)),
    SignOutAsked(),
    LeaveAsked(LeaveReason.ENDED),
    Woke(),
]


def lived(events: list[Event], apart: timedelta = timedelta(seconds=3)) -> tuple[list[str], list[Effect]]:
    """Return the trace of a life, and what was done in it."""
    engine, now, lines, done = begin(CONFIG, NOW), NOW, [], []
    for number, event in enumerate(events, start=1):
        now += apart
        before = engine
        engine, effects = decide(before, event, now)
        step = Step(number, now, before, event, effects)
        lines += [opening(step)] if number == 1 else []
        lines.append(line(step))
        done += effects
    return lines, done


def test_decisions_can_be_made_again_from_the_printed_text_wherever_it_begins() -> None:
    lines, done = lived(LIFE)
    assert len({type(effect) for effect in done}) > 8
    printed = [redacted(each) for each in lines]
    assert [redacted(again) for _, again in replay(printed)] == printed[1:]
    engine, now = begin(CONFIG, NOW), NOW
    for number, event in enumerate(LIFE, start=1):
        now += timedelta(seconds=3)
        rest = [opening(Step(number, now, engine, event, ())), *lines[number:]]
        assert [again for _, again in replay(rest)] == rest[1:]
        engine, _ = decide(engine, event, now)


def test_a_trace_that_another_engine_wrote_comes_out_differently() -> None:
    lines, _ = lived(LIFE)
    changed = [each.replace('"is":"Stopped"', '"is":"Woke"') for each in lines]
    assert any(was != again for was, again in replay(changed))


def test_a_trace_names_nobody_and_holds_no_secret() -> None:
    lines, _ = lived(LIFE)
    text = "\n".join(lines)
    assert not [secret for secret in SECRETS if secret in text]
    assert '"claims":"…"' in text
    keys = {json.loads(each)["event"]["outcome"]["account"]["key"] for each in lines if '"is":"Granted"' in each}
    assert len(keys) == 2


@pytest.mark.parametrize("seed", range(3))
def test_the_last_five_hundred_decisions_of_a_simulated_day_can_be_made_again(seed: int) -> None:
    world, ring = World(seed), deque[Step](maxlen=500)

    def tracing(engine: Engine, event: Event, now: datetime) -> tuple[Engine, tuple[Effect, ...]]:
        made = decide(engine, event, now)
        if isinstance(event, Started):
            ring.clear()  # a new run, a new trace
        ring.append(Step(len(ring), now, engine, event, made[1]))
        return made

    world.decide = tracing
    Script(world).play()
    lines = [opening(ring[0]), *map(line, ring)]
    assert len(lines) > 100
    assert [again for _, again in replay(lines)] == lines[1:]
