"""Other panels than Xfce's, on the same kind of screen: LXQt's, and one that knows nothing but XEmbed."""

from pathlib import Path

from PIL import Image

from tests.desktop.panel import SCREEN, Panel, Window

LXQT = """
panels=panel1
[panel1]
alignment=1
iconSize=22
panelSize=32
plugins=spacer, statusnotifier
position=Top
width=100
width-percent=true
[spacer]
expandable=true
spaceType=invisible
type=spacer
[statusnotifier]
alignment=Right
type=statusnotifier
"""


class LxqtPanel(Panel):
    """`lxqt-panel`; its left button asks for a main window, which there is none, its right one opens the menu."""

    command = ("lxqt-panel",)
    thickness = 32
    window_name = ".*"  # its menus have no name that xdotool finds

    def write_settings(self, folder: Path) -> None:
        """Write the panel's settings."""
        (folder / "lxqt").mkdir(parents=True)
        (folder / "lxqt/panel.conf").write_text(LXQT, encoding="utf-8")

    def icon(self, timeout: float = 15) -> Window:
        """Return the end of the panel, once there is something on it."""
        end = Window(0, SCREEN[0] - self.thickness, 0, self.thickness, self.thickness)
        return self.wait(lambda: end if self._is_drawn(end) else None, timeout)

    def _tray_windows(self) -> list[Window]:
        return [each for each in super()._tray_windows() if each.width < SCREEN[0]]

    def _is_drawn(self, place: Window) -> bool:
        picture = Path(self.environ["HOME"]) / "end.png"
        self.screenshot(picture, place)
        with Image.open(picture) as image:
            colours = image.convert("RGB").getcolors()
        return colours is None or len(colours) > 2  # an icon has smooth edges


class Trayer(Panel):
    """`trayer`: a tray for XEmbed alone, which shows no StatusNotifierItem."""

    command = ("trayer", "--edge", "top", "--align", "right", "--width", "10")
    window_name = "^trayer$"

    def write_settings(self, folder: Path) -> None:
        """Write nothing: it has none."""
