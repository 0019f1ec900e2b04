"""The first steps: the lock, and the icon's place in the panel; loads nothing that these do not need.

Everything that the user does not wait for at login is loaded after them, by `app`.
"""

from tray import instance_lock
from tray.desktop.reserving import reserve
from tray.paths import lock_file
from tray.run_options import RunOptions


def run(options: RunOptions) -> int:
    """Run the program until it is left; return the exit code.

    Raise AlreadyRunning, BadSettings, RefusedByGraph.
    """
    with instance_lock.claim(lock_file(demo=options.demo)):
        place = reserve(options)
        from tray.app import App  # noqa: PLC0415  the panel is at work meanwhile

        app = App(options, place)
        app.run()
    app.conclude()
    return app.exit_code
