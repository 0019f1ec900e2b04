"""The icon set's pictures as SVG, from the same table of shapes that the tray's are drawn from."""

from functools import cache
from math import cos, radians, sin

from tray.core.view_model import Shape
from tray.desktop.icons.table import APP, FIGURES, GRID, WHITE, Arc, Bar, Disc, Dome, Figure, Ink, Part, Polygon, Stroke

RING = 25.25, 9.5  # a disc with its middle cut out: the radius and width of the ring that is left


@cache
def picture(shape: str) -> str:
    """Return the picture of a shape."""
    return _svg((FIGURES[Shape(shape)],))


@cache
def app() -> str:
    """Return the app's own picture."""
    return _svg(APP)


def _svg(figures: tuple[Figure, ...]) -> str:
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}" aria-hidden="true">']
    for figure in figures:
        colours = {Ink.BODY: figure.colour, Ink.GLYPH: WHITE}
        ring = any(part.ink is Ink.NOTHING for part in figure.parts)
        for number, part in enumerate(figure.parts):
            if part.ink is Ink.NOTHING:
                continue
            if ring and number == 0:
                radius, width = RING
                style = f'fill="none" stroke="{figure.colour}" stroke-width="{width}"'
                lines.append(f'<circle cx="{GRID / 2}" cy="{GRID / 2}" r="{radius}" {style}/>')
            else:
                lines.append(element(part, colours[part.ink]))
    return "".join([*lines, "</svg>"])


def element(part: Part, colour: str) -> str:
    """Return one part of a picture as SVG."""
    match part:
        case Disc(x, y, radius):
            return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'
        case Bar(left, top, right, bottom, radius):
            size = f'width="{right - left}" height="{bottom - top}"'
            return f'<rect x="{left}" y="{top}" {size} rx="{radius}" fill="{colour}"/>'
        case Stroke(points, width):
            style = f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'
            return f'<polyline points="{_pairs(points)}" fill="none" {style}/>'
        case Dome(x, bottom, half_width, height):
            path = f"M{x - half_width} {bottom} a{half_width} {height} 0 0 1 {half_width * 2} 0 z"
            return f'<path d="{path}" fill="{colour}"/>'
        case Polygon(points):
            return f'<polygon points="{_pairs(points)}" fill="{colour}"/>'
        case Arc(x, y, radius, start, end, width):
            (x1, y1), (x2, y2) = (
                (x + radius * cos(radians(angle)), y + radius * sin(radians(angle))) for angle in (start, end)
            )
            large = int(end - start > 180)  # noqa: PLR2004  half a circle
            path = f"M{x1:.2f} {y1:.2f} A{radius} {radius} 0 {large} 1 {x2:.2f} {y2:.2f}"
            return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _pairs(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
