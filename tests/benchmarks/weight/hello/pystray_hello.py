"""A bare pystray hello-world: an icon and a menu with one item, on whatever backend PYSTRAY_BACKEND names."""

import pystray
from PIL import Image, ImageDraw

image = Image.new("RGBA", (64, 64))
ImageDraw.Draw(image).ellipse((4, 4, 60, 60), fill="green")
icon = pystray.Icon("hello", image, "Hello", pystray.Menu(pystray.MenuItem("Quit", lambda icon, _: icon.stop())))
icon.run()
