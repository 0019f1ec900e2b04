# ruff: noqa: INP001  a script beside what it makes, not a package
"""Makes every picture that is kept as a file.

`python -m assets.make_icons` makes the app's icon as SVG, PNG, ICO and ICNS, and the tray's icons as
strips that Linux's tray reads, one by one for panels that want files, and as a sheet to look at.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from tray.core.view_model import Badge, Icon, Shape
from tray.desktop.icons.drawing import draw, paint
from tray.desktop.icons.pixmaps import FILE_SIZE, SIZES, name, picture_file
from tray.desktop.icons.table import APP, GRID, WHITE, Figure, Ink
from tray.settings_page.pictures import element

ROOT = Path(__file__).parent.parent
NAME = "presence-tray"
PNG_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # freedesktop's hicolor theme
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)

DARK, LIGHT = "#1e1e1e", "#f5f5f5"
LOOKS = [Icon(shape, badge) for shape in Shape for badge in Badge]
SHEET_ROWS = [
    *((Badge.NONE, size) for size in SIZES[::-1]),
    *((badge, size) for badge in (Badge.PINNED, Badge.HIDDEN, Badge.TROUBLE) for size in (32, 22, 16)),
]
SHEET_COLUMN = 84


# --------------------------------------------------------------------------- SVG


def svg(figures: tuple[Figure, ...]) -> str:
    """Return figures as an SVG document; they must cut nothing out."""
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}">']
    for figure in figures:
        colours = {Ink.BODY: figure.colour, Ink.GLYPH: WHITE}
        lines += [f"  {element(part, colours[part.ink])}" for part in figure.parts]
    return "\n".join([*lines, "</svg>", ""])


# --------------------------------------------------------------------------- pictures


def app(size: int) -> Image.Image:
    """Return the app's icon."""
    return paint(APP, size)


def strip(look: Icon) -> Image.Image:
    """Return a look in every size, side by side."""
    picture = Image.new("RGBA", (sum(SIZES), max(SIZES)))
    for index, size in enumerate(SIZES):
        picture.paste(draw(look, size), (sum(SIZES[:index]), 0))
    return picture


def sheet() -> Image.Image:
    """Return every look on a dark and on a light panel, with names."""
    rows = [size + 16 for _badge, size in SHEET_ROWS]
    half = sum(rows) + 52
    picture = Image.new("RGB", (SHEET_COLUMN * len(Shape), half * 2), LIGHT)
    canvas = ImageDraw.Draw(picture)
    for start, panel, ink in ((0, DARK, "#dddddd"), (half, LIGHT, "#333333")):
        canvas.rectangle((0, start, picture.width, start + half - 1), fill=panel)
        for column, shape in enumerate(Shape):
            middle = column * SHEET_COLUMN + SHEET_COLUMN // 2
            top = start + 12
            for (badge, size), height in zip(SHEET_ROWS, rows, strict=True):
                icon = draw(Icon(shape, badge), size)
                picture.paste(icon, (middle - size // 2, top), icon)
                top += height
            words = shape.value.replace("-", " ").replace(" a ", " a\n").replace(" not ", " not\n")
            canvas.text((middle, top + 8), words, ink, ImageFont.load_default(11), "ma", align="center", spacing=1)
    return picture


# --------------------------------------------------------------------------- files


def write(root: Path) -> Iterator[Path]:
    """Write every file under a folder; yields what was written."""
    assets, looks, docs = root / "assets", root / "tray/desktop/icons/pictures", root / "docs"
    for folder in (assets, looks, looks / "single", docs):
        folder.mkdir(parents=True, exist_ok=True)

    drawing = assets / f"{NAME}.svg"
    drawing.write_text(svg(APP), encoding="utf-8")
    yield drawing
    for size in PNG_SIZES:
        yield _save(app(size), assets / f"{NAME}-{size}.png")
    for suffix, sizes in (("ico", ICO_SIZES), ("icns", ICNS_SIZES)):
        *smaller, largest = map(app, sizes)
        frames = {"sizes": [(size, size) for size in sizes], "append_images": smaller}
        yield _save(largest, assets / f"{NAME}.{suffix}", **frames)
    for look in LOOKS:
        yield _save_plain(strip(look), looks / f"{name(look)}.png")
        yield _save(draw(look, FILE_SIZE), looks / "single" / picture_file(look).name)
    yield _save(sheet(), docs / "icons.png")


def _save(picture: Image.Image, path: Path, **options: Any) -> Path:
    picture.save(path, optimize=True, **options)
    return path


def _save_plain(picture: Image.Image, path: Path) -> Path:
    """Save as a PNG whose rows have no filter and lie in one piece, as `tray/desktop/icons/pixmaps.py` reads it."""
    width, height = picture.size
    rows = b"".join(b"\0" + picture.crop((0, y, width, y + 1)).tobytes() for y in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 6, 0, 0, 0))  # eight bits of RGBA
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks))
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


if __name__ == "__main__":
    for written in write(ROOT):
        print(written.relative_to(ROOT))  # noqa: T201  a script
