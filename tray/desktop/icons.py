"""Pictures of a look, drawn by code; must not know who shows them."""

from functools import cache

from PIL import Image, ImageDraw

from tray.core import look

COLOURS: dict[look.Shape, str] = {
    look.Shape.AVAILABLE: "#6bb700",
    look.Shape.BUSY: "#c4314b",
    look.Shape.IN_A_CALL: "#c4314b",
    look.Shape.IN_A_CONFERENCE_CALL: "#c4314b",
    look.Shape.DO_NOT_DISTURB: "#c4314b",
    look.Shape.PRESENTING: "#c4314b",
    look.Shape.BE_RIGHT_BACK: "#eaa300",
    look.Shape.AWAY: "#eaa300",
    look.Shape.APPEAR_OFFLINE: "#8a8886",
    look.Shape.IDLE: "#8a8886",
    look.Shape.SIGNED_OUT: "#8a8886",
    look.Shape.ASKING: "#8a8886",
}
PIXMAP_SIZES = (16, 22, 24, 32, 48, 64)
OVERSAMPLING = 4


@cache
def draw(icon: look.Icon, size: int) -> Image.Image:
    """Return the picture of a look, RGBA, `size` pixels square."""
    big = size * OVERSAMPLING
    image = Image.new("RGBA", (big, big))
    ImageDraw.Draw(image).ellipse((0, 0, big - 1, big - 1), fill=COLOURS[icon.shape])
    return image.resize((size, size), Image.Resampling.BOX)


def pixmaps(icon: look.Icon | Image.Image) -> list[tuple[int, int, bytes]]:
    """Return a picture in every size that trays use, as StatusNotifierItem wants it: ARGB32, big endian."""
    if isinstance(icon, look.Icon):
        return _drawn_pixmaps(icon)
    return [(size, size, argb(icon.convert("RGBA").resize((size, size)))) for size in PIXMAP_SIZES]


@cache
def _drawn_pixmaps(icon: look.Icon) -> list[tuple[int, int, bytes]]:
    return [(size, size, argb(draw(icon, size))) for size in PIXMAP_SIZES]


def argb(image: Image.Image) -> bytes:
    """Return the pixels of an RGBA picture, alpha first."""
    red, green, blue, alpha = image.split()
    return Image.merge("RGBA", (alpha, red, green, blue)).tobytes()
