"""A bare PySide6 QSystemTrayIcon hello-world."""

import sys

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

application = QApplication(sys.argv)
pixmap = QPixmap(64, 64)
pixmap.fill("green")
tray = QSystemTrayIcon(QIcon(pixmap))
menu = QMenu()
menu.addAction("Quit", application.quit)
tray.setContextMenu(menu)
tray.show()
sys.exit(application.exec())
