"""The icons as a table of shapes, on a grid of 64 units.

Teams' own vocabulary: check, solid disc, minus, clock, arrow, hollow ring. Every figure differs from every
other by shape alone. The colours have a relative luminance between 0.14 and 0.27: at least 3:1 against dark
panels (#1e1e1e), against light ones (#f5f5f5), and against the white glyphs on top of them.
"""

from enum import StrEnum

from tray.core.record import Record
from tray.core.view_model import Badge, Shape

GRID = 64

GREEN = "#13a10e"
RED = "#d13438"
AMBER = "#c27a00"
GREY = "#7d7b79"
BLUE = "#2f7fd6"
ORANGE = "#cf5b00"
PURPLE = "#9a6cd8"
INDIGO = "#3b5fc0"  # the app's own
WHITE = "#ffffff"


class Ink(StrEnum):
    """What a part is painted with."""

    BODY = "body"  # the figure's colour
    GLYPH = "glyph"  # white
    NOTHING = "nothing"  # cut out, down to the panel


class Disc(Record):
    """A filled circle."""

    x: float
    y: float
    radius: float
    ink: Ink = Ink.GLYPH


class Bar(Record):
    """A filled rectangle with round corners whose edges fall on whole pixels."""

    left: float
    top: float
    right: float
    bottom: float
    radius: float = 0
    ink: Ink = Ink.GLYPH


class Stroke(Record):
    """A line through points, with round ends."""

    points: tuple[tuple[float, float], ...]
    width: float
    ink: Ink = Ink.GLYPH


class Arc(Record):
    """A piece of a ring around a centre; degrees clockwise from three o'clock."""

    x: float
    y: float
    radius: float
    start: float
    end: float
    width: float
    ink: Ink = Ink.GLYPH


class Polygon(Record):
    """A filled shape."""

    points: tuple[tuple[float, float], ...]
    ink: Ink = Ink.GLYPH


class Dome(Record):
    """The upper half of a filled ellipse."""

    x: float
    bottom: float
    half_width: float
    height: float
    ink: Ink = Ink.GLYPH


Part = Disc | Bar | Stroke | Arc | Polygon | Dome


class Figure(Record):
    """A picture: one colour, and parts painted in order."""

    colour: str
    parts: tuple[Part, ...]


DISC = Disc(32, 32, 30, Ink.BODY)
RING = (DISC, Disc(32, 32, 20.5, Ink.NOTHING))

FIGURES: dict[Shape, Figure] = {
    Shape.AVAILABLE: Figure(GREEN, (DISC, Stroke(((19, 32), (28, 41), (45, 22)), 8))),
    Shape.BUSY: Figure(RED, (DISC,)),
    Shape.IN_A_CALL: Figure(
        RED,
        (
            DISC,
            Arc(45, 17, 22, 88, 182, 8.5),
            Stroke(((21, 18), (27, 17)), 11.5),
            Stroke(((44, 41), (45, 35)), 11.5),
        ),
    ),
    Shape.IN_A_CONFERENCE_CALL: Figure(
        RED,
        (
            DISC,
            Disc(44, 23, 7),
            Dome(44, 46, 12, 14),
            Disc(24, 22, 11, Ink.BODY),
            Dome(24, 48, 18, 22, Ink.BODY),
            Disc(24, 22, 8),
            Dome(24, 48, 15, 16),
        ),
    ),
    Shape.DO_NOT_DISTURB: Figure(RED, (DISC, Bar(15, 27, 49, 37, 2))),
    Shape.PRESENTING: Figure(
        RED,
        (
            DISC,
            Bar(12, 16, 52, 42, 3),
            Bar(23, 46, 41, 50),
            Polygon(((32, 18), (43, 30), (21, 30)), Ink.BODY),
            Bar(28, 28, 36, 37, 0, Ink.BODY),
        ),
    ),
    Shape.BE_RIGHT_BACK: Figure(
        AMBER,
        (
            DISC,
            Polygon(((11, 24), (26, 11), (26, 37))),
            Bar(25, 20, 38, 28),
            Arc(38, 34, 10, -90, 90, 8),
            Bar(26, 40, 38, 48),
        ),
    ),
    Shape.AWAY: Figure(AMBER, (DISC, Stroke(((32, 14), (32, 32), (43, 36)), 8))),
    Shape.APPEAR_OFFLINE: Figure(
        GREY,
        (*RING, Stroke(((25, 25), (39, 39)), 7.5, Ink.BODY), Stroke(((39, 25), (25, 39)), 7.5, Ink.BODY)),
    ),
    Shape.IDLE: Figure(GREY, (DISC, Disc(32, 22, 10), Dome(32, 48, 18, 15))),
    Shape.SIGNED_OUT: Figure(
        GREY,
        (
            DISC,
            Bar(12, 28, 28, 36),
            Polygon(((26, 19), (39, 32), (26, 45))),
            Bar(44, 16, 50, 48),
            Bar(36, 16, 50, 21),
            Bar(36, 43, 50, 48),
        ),
    ),
    Shape.ASKING: Figure(GREY, (*RING, *(Bar(x, 28, x + 8, 36, 4, Ink.BODY) for x in (16, 28, 40)))),
}

_WARNING = ((52, 40), (62, 61), (42, 61))
BADGES: dict[Badge, Figure] = {
    Badge.NONE: Figure(WHITE, ()),
    Badge.PINNED: Figure(
        BLUE,
        (
            Disc(51, 51, 16, Ink.NOTHING),
            Disc(51, 51, 13, Ink.BODY),
            Bar(46, 43, 56, 46),
            Bar(48, 45, 54, 52),
            Bar(45, 51, 57, 54),
            Stroke(((51, 53), (51, 59)), 2),
        ),
    ),
    Badge.HIDDEN: Figure(  # "is not equal to"
        PURPLE,
        (
            Bar(35, 35, 64, 64, 7, Ink.NOTHING),
            Bar(38, 38, 62, 62, 5, Ink.BODY),
            Bar(42, 44, 58, 48, 1),
            Bar(42, 52, 58, 56, 1),
            Stroke(((55, 41), (45, 59)), 3),
        ),
    ),
    Badge.TROUBLE: Figure(
        ORANGE,
        (
            Stroke((*_WARNING, _WARNING[0]), 11, Ink.NOTHING),
            Stroke((*_WARNING, _WARNING[0]), 5, Ink.BODY),
            Polygon(_WARNING, Ink.BODY),
            Stroke(((52, 46), (52, 53)), 4.5),
            Disc(52, 59, 2.5),
        ),
    ),
}

# At small sizes a badge is seven to ten pixels wide: its marks fall on whole pixels or are not seen.
SMALL = 24  # pixels
_SMALL_WARNING = ((50, 38), (61, 61), (39, 61))
SMALL_BADGES: dict[Badge, Figure] = {
    Badge.NONE: Figure(WHITE, ()),
    Badge.PINNED: Figure(
        BLUE,
        (
            Disc(50, 50, 18, Ink.NOTHING),
            Disc(50, 50, 14, Ink.BODY),
            Bar(44, 43, 56, 51, 2),
            Bar(48, 50, 52, 59),
        ),
    ),
    Badge.HIDDEN: Figure(
        PURPLE,
        (
            Bar(32, 32, 64, 64, 5, Ink.NOTHING),
            Bar(36, 36, 64, 64, 3, Ink.BODY),
            Bar(40, 44, 60, 48),
            Bar(40, 52, 60, 56),
        ),
    ),
    Badge.TROUBLE: Figure(
        ORANGE,
        (
            Stroke((*_SMALL_WARNING, _SMALL_WARNING[0]), 13, Ink.NOTHING),
            Stroke((*_SMALL_WARNING, _SMALL_WARNING[0]), 6, Ink.BODY),
            Polygon(_SMALL_WARNING, Ink.BODY),
            Bar(48, 44, 52, 52),
            Bar(48, 56, 52, 60),
        ),
    ),
}

APP: tuple[Figure, ...] = (
    Figure(
        INDIGO,
        (
            Bar(3, 3, 61, 61, 15, Ink.BODY),
            Disc(29, 22, 10),
            Dome(29, 51, 19, 17),
            Disc(44, 44, 16.5, Ink.BODY),
        ),
    ),
    Figure(GREEN, (Disc(44, 44, 13.5, Ink.BODY), Stroke(((38, 44), (42.5, 48.5), (50, 39.5)), 3.8))),
)
