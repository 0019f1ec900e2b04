"""How each state is held, in words; a table."""

from tray.core.states import PreferredUse

HEAD = ("state", "Graph's availability / activity", "how it is held")

HELD: dict[PreferredUse, str] = {
    PreferredUse.NEVER: "by our session",
    PreferredUse.PINNED: "by our session; pinned: as a status chosen in Teams as well",
    PreferredUse.PINNED_OR_DECLINED: "by our session; pinned, or where Teams declines it: as a status chosen in Teams",
    PreferredUse.ALWAYS: "by our session and as a status chosen in Teams",
}

NEVER_SENT = "Cannot be set, because Teams takes them from elsewhere:"
