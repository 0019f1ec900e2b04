"""The icons as trays and notices on Linux want them, read from files.

`assets/make_icons.py` draws each icon into one PNG, all sizes side by side, its rows in one chunk and without filters.
Such a file is read by hand in a few lines, so that a login loads no Pillow.
"""

import zlib
from functools import cache
from pathlib import Path

from tray.core.view_model import Badge, Icon

SIZES = (16, 20, 22, 24, 32, 48, 64)  # pixels; what trays ask for
FILE_SIZE = 48  # pixels, of an icon in a file of its own
STRIDE = 1 + 4 * sum(SIZES)  # bytes of a row: how it is filtered, then RGBA
LENGTH, PIXELS = 33, 41  # where a file says how many bytes its pixels have, and where they begin
FOLDER = Path(__file__).with_name("pictures")


def name(icon: Icon) -> str:
    """Return the name of an icon's file, without the suffix."""
    return icon.shape if icon.badge is Badge.NONE else f"{icon.shape}-{icon.badge}"


def picture_file(icon: Icon) -> Path:
    """Return an icon's own file, for hosts that show nothing else."""
    return FOLDER / "single" / f"{name(icon)}.png"


def pixels(icon: Icon, size: int) -> bytes:
    """Return an icon in one of the sizes, RGBA."""
    return _cut(_read(icon), size)


@cache
def pixmaps(icon: Icon) -> list[tuple[int, int, bytes]]:
    """Return an icon in every size as StatusNotifierItem wants it: width, height, ARGB32 in big endian."""
    rows = _read(icon)
    return [(size, size, _argb(_cut(rows, size))) for size in SIZES]


def _read(icon: Icon) -> bytes:
    """Return the rows of an icon's file."""
    file = (FOLDER / f"{name(icon)}.png").read_bytes()
    length = int.from_bytes(file[LENGTH : LENGTH + 4], "big")
    return zlib.decompress(file[PIXELS : PIXELS + length])


def _cut(rows: bytes, size: int) -> bytes:
    """Return one of the pictures that lie side by side."""
    left = 1 + 4 * sum(each for each in SIZES if each < size)
    starts = range(left, left + size * STRIDE, STRIDE)
    return b"".join(rows[start : start + 4 * size] for start in starts)


def _argb(rgba: bytes) -> bytes:
    """Return pixels alpha first."""
    argb = bytearray(len(rgba))
    argb[0::4] = rgba[3::4]
    for channel in range(3):
        argb[channel + 1 :: 4] = rgba[channel::4]
    return bytes(argb)
