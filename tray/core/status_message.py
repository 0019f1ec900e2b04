"""The status message: the third thing of ours on the service, with rules of its own.

It is sent once and never again: what the user writes in Teams later stands. It always expires, so that a crash leaves
nothing behind. One that came with a hold is cleared with it, if a read-back shows that it is still ours.
"""

from datetime import datetime, timedelta

from tray.core.record import Record, replace
from tray.core.schedule import FRESH_READ, SETTLED
from tray.core.values import Message
from tray.messages.catalogue import UNFIT

LONGEST = 280  # code points, where the box in Teams stops
MOST_READ = 2000  # what others wrote may be longer, and stands in each answer to a command
PINNED = "<pinnednote></pinnednote>"  # what Teams appends for "Show when people message me"
NAMED = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#10;": " ", "&#13;": " "}


def is_sendable(text: str) -> bool:
    """Tell whether a text is a status message: one line, not too long."""
    return len(text) <= LONGEST and not UNFIT.search(text)


def as_read(content: str) -> str:
    """Return the text of what Graph returns: without the mark of a pinned note and entities, on one line, and cut."""
    return UNFIT.sub("", " ".join(_without_entities(content.strip().removesuffix(PINNED)[:MOST_READ]).split()))


def _without_entities(text: str) -> str:
    for entity, letter in NAMED.items():
        text = text.replace(entity, letter)
    return text.replace("&amp;", "&")


def same(one: Message, other: Message) -> bool:
    """Compare two texts leniently: Graph may return other white space, and entities for some characters."""
    return _comparable(one.text) == _comparable(other.text)


def _comparable(text: str) -> str:
    while (plain := _without_entities(text)) != text:
        text = plain
    return " ".join(text.split())


class StatusMessage(Record):
    """What is to be sent, what we have set, and what Teams shows."""

    asked: Message | None = None  # to be sent once; an empty text clears
    asked_with: datetime | None = None  # when the hold began that it comes with; `None`: it stands alone
    ours: Message | None = None  # accepted by Graph, until it expires, is cleared, or another one is seen
    set_at: datetime | None = None
    set_with: datetime | None = None  # when the hold began that it came with; `None`: it stands alone
    ending: bool = False  # `ours` is to be cleared if a read-back shows that it is still there
    refused: Message | None = None  # Graph did not accept it
    seen: Message | None = None  # `None`: not known; an empty text: none
    seen_at: datetime | None = None  # `None`: not read since it was set

    @property
    def to_be_cleared(self) -> Message | None:
        """Return ours if it is cleared with the hold that it came with, or is being cleared."""
        return self.ours if self.ending or self.set_with else None

    def left_over(self, ours: Message | None, source_began: datetime | None) -> "StatusMessage":
        """Take over what an earlier run set: it goes on with its hold, else it is cleared."""
        ends = ours is not None and source_began is None
        return replace(self, ours=ours, set_with=ours and source_began, ending=ends)

    def asking(self, message: Message, source_began: datetime | None = None) -> "StatusMessage":
        """Send a message, or clear whatever stands there."""
        return replace(self, asked=message, asked_with=source_began, ending=False, refused=None)

    @property
    def is_by_hand(self) -> bool:
        """Tell whether the user asked for the message that is to be sent or is ours, with no status that ends it."""
        stands = self.asked is not None or (self.ours is not None and not self.ending)
        return stands and (self.asked_with if self.asked else self.set_with) is None

    def following(self, *since: datetime | None) -> "StatusMessage":
        """End with the hold that the message came with, unless one of those in use has lasted since then."""
        message = self
        if self.asked_with not in {None, *since}:
            message = message.withdrawn()
        if self.set_with not in {None, *since}:
            message = replace(message, set_with=None, ending=self.ours is not None and message.asked is None)
        return message

    def withdrawn(self) -> "StatusMessage":
        """Send nothing of what was asked for."""
        return replace(self, asked=None, asked_with=None)

    def left_to_expire(self) -> "StatusMessage":
        """Leave to its expiry what was to be cleared."""
        return replace(self, ending=False)

    def sent(self, message: Message, now: datetime) -> "StatusMessage":
        """Note that Graph accepted a message; a newer one stays to be sent."""
        left = self.withdrawn() if self.asked == message else self
        ours = message if message.text else None
        with_hold = self.asked_with if self.asked == message else None
        return replace(left, ours=ours, set_at=now, set_with=with_hold, ending=False, seen=message, seen_at=None)

    def not_accepted(self, message: Message) -> "StatusMessage":
        """Give a message up that Graph refused; what was to be cleared is left to its expiry."""
        asked = self.asked == message
        left = self.withdrawn() if asked else self
        return replace(left, refused=message if asked else None, ending=False)

    def saw(self, seen: Message, now: datetime) -> "StatusMessage":
        """Note a read-back; another text than ours was written in Teams, unless ours may be too new to be shown."""
        message = replace(self, seen=seen, seen_at=now, refused=None)
        if self.ours and same(self.ours, seen):
            return replace(message, seen=replace(seen, text=self.ours.text))  # with its own spaces
        if self.ours is None or not self.is_settled(now):
            return message
        return replace(message, ours=None, set_with=None, ending=False)

    def is_settled(self, now: datetime) -> bool:
        """Tell whether ours was set long enough ago to be shown."""
        return self.set_at is None or now - self.set_at >= SETTLED

    def may_clear(self, now: datetime, patience: timedelta = FRESH_READ) -> bool:
        """Tell whether a fresh read-back shows that ours is still there."""
        if self.ours is None or self.seen is None or self.seen_at is None:
            return False
        return now - self.seen_at <= patience and same(self.ours, self.seen)

    def read_at(self, now: datetime) -> datetime:
        """Return when to read whether ours is still there; soon again, while ours is too new to be shown."""
        if self.ours is None or self.seen is None or self.seen_at is None or same(self.ours, self.seen):
            return now
        return self.seen_at + SETTLED

    def shown(self, now: datetime) -> Message | None:
        """Return the message that Teams shows, as far as it is known."""
        seen = self.seen
        return seen if seen and seen.text and not (seen.expires_at and seen.expires_at <= now) else None

    def current(self, now: datetime) -> Message | None:
        """Return the message that is to be sent, was refused, or is shown; an empty text is being cleared."""
        return self.asked or self.refused or self.shown(now)

    def alive(self, now: datetime) -> "StatusMessage":
        """Forget what has expired."""
        message = self.withdrawn() if self.asked and _is_over(self.asked, now) else self
        if self.refused and _is_over(self.refused, now):
            message = replace(message, refused=None)
        if self.ours and _is_over(self.ours, now):
            message = replace(message, ours=None, set_with=None, ending=False)
        return message

    def shifted(self, by: timedelta) -> "StatusMessage":
        """Move along with a clock that was set back; an expiry is a time of day and stays."""
        return replace(
            self,
            set_at=self.set_at and self.set_at + by,
            asked_with=self.asked_with and self.asked_with + by,
            set_with=self.set_with and self.set_with + by,
            seen_at=self.seen_at and self.seen_at + by,
        )


def _is_over(message: Message, now: datetime) -> bool:
    return message.expires_at is not None and message.expires_at <= now
