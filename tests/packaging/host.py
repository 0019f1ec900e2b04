"""A panel for the package check: waits for the item on a bus, reads its menu and says what it saw."""

import sys

from tests.desktop.tray_host import TrayHost
from tray.core.states import STATES
from tray.messages.presence import label


def main(address: str) -> int:
    """Return 0 if the item has all nine states."""
    with TrayHost(address) as host:
        host.wait_item(20)
        host.handle_until(lambda: bool(host.layout().labels), 20)  # the icon is there before its menu
        labels = host.layout().labels
        print(f"{labels[0]!r}, {len(labels)} rows")
        return 0 if set(map(label, STATES)) <= set(labels) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
