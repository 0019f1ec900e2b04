"""Draws the icons of the table with Pillow."""

from functools import cache

from PIL import Image, ImageDraw

from tray.core import view_model
from tray.desktop.icons.table import (
    BADGES,
    FIGURES,
    GRID,
    SMALL,
    SMALL_BADGES,
    WHITE,
    Arc,
    Bar,
    Disc,
    Dome,
    Figure,
    Ink,
    Part,
    Polygon,
    Stroke,
)

Colour = str | tuple[int, int, int, int]

BLACK, NOTHING = (0, 0, 0, 255), (0, 0, 0, 0)
LARGE = 12  # units; larger discs end on whole pixels, so that all sides are equally sharp
OVERSAMPLING = 8  # drawn that many times larger, then reduced: smooth edges


@cache
def draw(icon: view_model.Icon, size: int) -> Image.Image:
    """Return the picture of an icon, RGBA, `size` pixels square."""
    badges = SMALL_BADGES if size <= SMALL else BADGES
    return paint((FIGURES[icon.shape], badges[icon.badge]), size)


@cache
def draw_template(icon: view_model.Icon, size: int) -> Image.Image:
    """Return an icon as a black shape that the system colours: what is white is cut out."""
    badges = SMALL_BADGES if size <= SMALL else BADGES
    return paint((FIGURES[icon.shape], badges[icon.badge]), size, template=True)


def paint(figures: tuple[Figure, ...], size: int, *, template: bool = False) -> Image.Image:
    """Return figures painted over each other, RGBA, `size` pixels square."""
    image = Image.new("RGBA", (size * OVERSAMPLING, size * OVERSAMPLING))
    brush = _Brush(ImageDraw.Draw(image), size)
    for figure in figures:
        colours: dict[Ink, Colour] = {Ink.BODY: figure.colour, Ink.GLYPH: WHITE, Ink.NOTHING: NOTHING}
        if template:
            colours = {Ink.BODY: BLACK, Ink.GLYPH: NOTHING, Ink.NOTHING: NOTHING}
        for part in figure.parts:
            brush.paint(part, colours[part.ink])
    return image.reduce(OVERSAMPLING)


class _Brush:
    """Paints parts onto the enlarged picture."""

    def __init__(self, canvas: ImageDraw.ImageDraw, size: int) -> None:
        self._canvas = canvas
        self._pixel = GRID / size  # units in one pixel of the finished picture
        self._scale = size * OVERSAMPLING / GRID

    def paint(self, part: Part, colour: Colour) -> None:
        match part:
            case Disc(x, y, radius) if radius > LARGE:
                edges = map(self._snap, (x - radius, y - radius, x + radius, y + radius))
                self._canvas.ellipse(self._box(*edges), fill=colour)
            case Disc(x, y, radius):
                self._ellipse(x, y, radius, radius, colour)
            case Bar(left, top, right, bottom, radius):
                left, top, right, bottom = map(self._snap, (left, top, right, bottom))
                self._canvas.rounded_rectangle(self._box(left, top, right, bottom), radius * self._scale, fill=colour)
            case Stroke(points, width):
                self._stroke(points, width, colour)
            case Arc(x, y, radius, start, end, width):
                outer = radius + width / 2
                self._canvas.arc(
                    self._box(x - outer, y - outer, x + outer, y + outer),
                    start,
                    end,
                    fill=colour,
                    width=round(width * self._scale),
                )
            case Polygon(points):
                self._canvas.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=colour)
            case Dome(x, bottom, half_width, height):
                flat = self._snap(bottom)  # an edge inside a pixel would be a grey line
                self._canvas.pieslice(
                    self._box(x - half_width, flat - height, x + half_width, flat + height),
                    180,
                    360,
                    fill=colour,
                )

    def _stroke(self, points: tuple[tuple[float, float], ...], width: float, colour: Colour) -> None:
        self._canvas.line(
            [(x * self._scale, y * self._scale) for x, y in points],
            fill=colour,
            width=round(width * self._scale),
        )
        for x, y in points:
            self._ellipse(x, y, width / 2, width / 2, colour)

    def _ellipse(self, x: float, y: float, half_width: float, half_height: float, colour: Colour) -> None:
        self._canvas.ellipse(self._box(x - half_width, y - half_height, x + half_width, y + half_height), fill=colour)

    def _box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Return a frame in canvas pixels; the library counts the last row and column in."""
        scale = self._scale
        return left * scale, top * scale, right * scale - 1, bottom * scale - 1

    def _snap(self, value: float) -> float:
        """Return the nearest edge of a pixel; of two that are equally near, the outer one."""
        outwards = 1e-6 if value > GRID / 2 else -1e-6
        return round(value / self._pixel + outwards) * self._pixel
