"""The icons: that they can be seen and told apart, and that the files are what the script makes."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

import tray
from assets import make_icons
from tests.rows import for_each
from tray.core.view_model import Badge, Icon
from tray.desktop.icons import drawing, pixmaps, table
from tray.desktop.icons.pixmaps import SIZES

ROOT = Path(make_icons.__file__).parent.parent
INSTALLED = Path(tray.__file__).parent.parent  # the checkout, or where the wheel is
Draw = Callable[[Icon, int], Image.Image]
PANELS = (make_icons.DARK, make_icons.LIGHT)
READABLE = 3.0  # WCAG 1.4.11: graphical objects need a contrast of 3:1
CLEARLY = 48  # of 255: a difference in one pixel that nobody overlooks

# How colours look to others: Machado, Oliveira and Fernandes (2009), full severity.
VISIONS: dict[str, tuple[float, ...]] = {
    "greyscale": (0.299, 0.587, 0.114, 0) * 3,
    "deuteranopia": (0.367, 0.861, -0.228, 0, 0.280, 0.673, 0.047, 0, -0.012, 0.043, 0.969, 0),
    "protanopia": (0.152, 1.053, -0.205, 0, 0.115, 0.786, 0.099, 0, -0.004, -0.048, 1.052, 0),
}


def on_panel(icon: Icon, size: int, panel: str, draw: Draw = drawing.draw) -> Image.Image:
    picture = Image.new("RGBA", (size, size), panel)
    picture.alpha_composite(draw(icon, size))
    return picture.convert("RGB")


def share_that_differs(one: Image.Image, other: Image.Image) -> float:
    """Return how much of two pictures, 0 to 1, is clearly different."""
    red, green, blue = ImageChops.difference(one, other).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(largest.histogram()[CLEARLY:]) / (one.width * one.height)


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def same(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether two pictures are the same but for rounding: versions of the library differ in it."""
    if one.size != other.size:
        return False
    difference = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA"))
    return max(high for _low, high in difference.getextrema()) <= 16


def alike(seen: dict[Icon, Image.Image]) -> list[tuple[Icon, Icon, float]]:
    """Return the pairs that could be mistaken for each other."""
    return [
        (one, other, share)
        for one, other in itertools.combinations(seen, 2)
        if (share := share_that_differs(seen[one], seen[other])) < 0.05
    ]


@for_each("size", [SIZES[0], 22, SIZES[-1]])  # the smallest, the usual one, the largest
@for_each("panel", PANELS)
@for_each("vision", VISIONS)
def test_no_two_looks_are_alike_whoever_looks_and_whatever_the_panel(size: int, panel: str, vision: str) -> None:
    assert alike({look: on_panel(look, size, panel).convert("RGB", VISIONS[vision]) for look in make_icons.LOOKS}) == []


@pytest.mark.parametrize("size", [22, 44])
def test_no_two_templates_are_alike(size: int) -> None:
    assert (
        alike({look: on_panel(look, size, make_icons.LIGHT, drawing.draw_template) for look in make_icons.LOOKS}) == []
    )


@for_each("background", [*PANELS, table.WHITE])
@for_each("colour", sorted({each.colour for each in (*table.FIGURES.values(), *table.BADGES.values())}))
def test_every_colour_stands_out_from_panels_and_glyphs(colour: str, background: str) -> None:
    if colour == table.WHITE:  # the badge that is none has no parts
        assert table.BADGES[Badge.NONE].parts == ()
    else:
        assert contrast(colour, background) >= READABLE


@for_each("size", SIZES)
@for_each("panel", PANELS)
def test_every_look_as_it_is_drawn_stands_out_from_its_panel(size: int, panel: str) -> None:
    least = min(readable_share(on_panel(look, size, panel), panel) for look in make_icons.LOOKS)
    assert least >= 0.28  # of all pixels, corners included: the rings are the thinnest


def readable_share(picture: Image.Image, panel: str) -> float:
    """Return how much of a picture has enough contrast to its panel."""
    colours = picture.getcolors(picture.width * picture.height) or []
    readable = sum(count for count, rgb in colours if contrast("#{:02x}{:02x}{:02x}".format(*rgb), panel) >= READABLE)
    return readable / (picture.width * picture.height)


def test_the_files_are_what_the_script_makes(tmp_path: Path) -> None:
    for made in make_icons.write(tmp_path):
        place = made.relative_to(tmp_path)
        kept = (INSTALLED if place.parts[0] == "tray" else ROOT) / place
        assert kept.exists(), made.name
        if made.suffix == ".svg":
            assert kept.read_text(encoding="utf-8") == made.read_text(encoding="utf-8")
        elif made.parent.name != "docs":
            with Image.open(kept) as old, Image.open(made) as new:
                assert same(old, new), f"{made.name}: if it is meant, run `python -m assets.make_icons`"
                assert old.info.get("sizes") == new.info.get("sizes")


def test_a_picture_is_made_once() -> None:
    look = make_icons.LOOKS[0]
    assert drawing.draw(look, 22) is drawing.draw(look, 22)
    assert pixmaps.pixmaps(look) is pixmaps.pixmaps(look)


@for_each("look", make_icons.LOOKS)
def test_what_is_read_at_login_is_what_is_drawn(look: Icon) -> None:
    for size, (width, height, argb) in zip(SIZES, pixmaps.pixmaps(look), strict=True):
        drawn = drawing.draw(look, size)
        assert (width, height) == drawn.size
        assert same(Image.frombytes("RGBA", drawn.size, pixmaps.pixels(look, size)), drawn)
        alpha, red, green, blue = Image.frombytes("RGBA", drawn.size, argb).split()
        assert same(Image.merge("RGBA", (red, green, blue, alpha)), drawn)
