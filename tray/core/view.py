"""What the user sees, from one snapshot: icon, tooltip, menu and status."""

from tray.core.headline import headline, is_starting, problem, shown_instead
from tray.core.menu import rows
from tray.core.model import Engine
from tray.core.readback import is_kept
from tray.core.status import errands, held_by, status
from tray.core.values import HeldBy
from tray.core.view_model import Badge, Icon, Shape, View
from tray.messages import APP_NAME
from tray.messages import menu as words


def view(engine: Engine) -> View:
    """Return everything a face shows."""
    line = headline(engine)
    return View(
        icon=_icon(engine),
        title=APP_NAME,
        tooltip=words.tooltip(line, problem(engine) or shown_instead(engine)),
        rows=rows(engine),
        status=status(engine),
        errands=errands(engine),
        headline=line,
    )


def _icon(engine: Engine) -> Icon:
    """Choose the picture: what Teams has taken, and *asking* until it has."""
    hold = engine.wish.hold
    trouble = Badge.TROUBLE if engine.trouble else Badge.NONE
    if is_starting(engine):
        return Icon(Shape.ASKING)
    if hold is None:
        return Icon(Shape.IDLE if engine.identity.signed_in else Shape.SIGNED_OUT, trouble)
    if held_by(engine) is HeldBy.NOTHING or not (is_kept(engine) or engine.trouble):
        return Icon(Shape.ASKING, trouble)
    if engine.trouble:
        return Icon(Shape(hold.state.key), trouble)
    if shown_instead(engine):
        return Icon(Shape(hold.state.key), Badge.HIDDEN)
    return Icon(Shape(hold.state.key), Badge.PINNED if hold.pinned else Badge.NONE)
