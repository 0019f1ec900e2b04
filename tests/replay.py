"""Makes decisions again from the text of a trace alone: `presence-tray doctor --trace` in, the same lines out.

By hand: `python3 -m uv run python -m tests.replay FILE` says which line a different engine would have decided.
"""

import json
import sys
import types
import typing
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from pathlib import Path
from typing import Any

from tray.core import calls, config, effects, events, hours, model, rules, schedule, service, status_message, values
from tray.core.engine import decide
from tray.core.record import Record
from tray.core.states import BY_KEY, Pair, State
from tray.trace import Step, line

KINDS = {
    name: of
    for module in (values, events, effects, schedule, service, calls, status_message, rules, hours, config, model)
    for name, of in vars(module).items()
    if isinstance(of, type) and issubclass(of, Record)
}


def replay(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each line of a trace beside the line that this engine writes for it; the first tells where to begin."""
    documents = (json.loads(each) for each in lines if each.startswith('{"n":'))
    engine = _value(model.Engine, next(documents)["engine"])
    for document in documents:
        event = _value(events.Event, document["event"])
        now = datetime.fromisoformat(document["at"])
        before = engine
        engine, made = decide(engine, event, now)
        again = line(Step(document["n"], now, before, event, made))
        yield json.dumps(document, separators=(",", ":"), ensure_ascii=False), again


def _value(hint: Any, plain: Any) -> Any:
    """Turn JSON's values into ours, by the type that a field wants."""
    if isinstance(plain, dict):
        of = KINDS[plain["is"]]
        hints = typing.get_type_hints(of)
        return of(**{name: _value(hints[name], each) for name, each in plain.items() if name != "is"})
    if isinstance(hint, types.UnionType):
        hint = next(each for each in hint.__args__ if each is not types.NoneType)
    if plain is None:
        return None
    if isinstance(plain, list):
        return _many(hint, plain)
    return _scalar(hint, plain)


def _many(hint: Any, plain: list[Any]) -> Any:
    if typing.get_origin(hint) is frozenset:
        return frozenset(plain)
    inner = typing.get_args(hint)
    hints = [inner[0]] * len(plain) if inner[-1] is Ellipsis else inner
    return tuple(_value(of, each) for of, each in zip(hints, plain, strict=True))


def _scalar(hint: Any, plain: Any) -> Any:
    if hint is State:
        return BY_KEY[plain]
    if hint is Pair:
        return Pair(*plain.split("/"))
    if hint in {date, datetime, time}:
        return hint.fromisoformat(plain)
    if hint is timedelta:
        return timedelta(seconds=plain)
    if hint is tzinfo:
        return timezone(timedelta(seconds=plain)) if plain else UTC
    return hint(plain) if isinstance(hint, type) and issubclass(hint, Enum) else plain


def main() -> int:
    """Replay a file; print each line that comes out differently, and exit with how many there are."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    different = [(was, again) for was, again in replay(lines) if was != again]
    for was, again in different:
        print(f"- {was}\n+ {again}")
    return min(len(different), 1)


if __name__ == "__main__":
    sys.exit(main())
