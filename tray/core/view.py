"""What the user sees, from one snapshot: icon, tooltip, menu and status."""

from tray.core.menu import headline, is_starting, problem, rows
from tray.core.model import Engine
from tray.core.readback import is_kept
from tray.core.status import errands, status
from tray.core.view_model import Badge, Icon, Shape, View
from tray.messages import APP_NAME
from tray.messages import menu as words


def view(engine: Engine) -> View:
    """Return everything a face shows."""
    return View(
        icon=_icon(engine),
        title=APP_NAME,
        tooltip=words.tooltip(headline(engine), problem(engine)),
        rows=rows(engine),
        status=status(engine),
        errands=errands(engine),
    )


def _icon(engine: Engine) -> Icon:
    """Choose the picture: the state that is set, and *asking* until Teams has answered."""
    hold = engine.wish.hold
    badge = Badge.TROUBLE if engine.trouble else Badge.NONE
    if is_starting(engine):
        return Icon(Shape.ASKING)
    if hold is None:
        return Icon(Shape.IDLE if engine.identity.signed_in else Shape.SIGNED_OUT, badge)
    if not is_kept(engine) and not engine.trouble:
        return Icon(Shape.ASKING)
    pinned = Badge.PINNED if hold.pinned else Badge.NONE
    return Icon(Shape(hold.state.key), badge if engine.trouble else pinned)
