"""The app registration that tokens are asked for with, as the settings name it."""

from tray.core.record import Record
from tray.settings import Settings

PERMISSIONS = ("Presence.ReadWrite", "Presence.Read")
# Sign-in, Graph and Outlook. Source: https://learn.microsoft.com/graph/deployments; presence is in v1.0 in these three
# clouds. Outlook's: https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-endpoints.
CLOUDS = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com", "https://outlook.office.com"),
    "gcc-high": ("https://login.microsoftonline.us", "https://graph.microsoft.us", "https://outlook.office365.us"),
    "dod": ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "https://outlook-dod.office365.us"),
}


class AppRegistration(Record):
    """An application at one authority, and the Graph that its tokens are for."""

    client_id: str
    authority: str
    graph_origin: str

    @property
    def scopes(self) -> list[str]:
        """Return the delegated permissions, named for this cloud's Graph."""
        return [f"{self.graph_origin}/{permission}" for permission in PERMISSIONS]


def graph_origin(settings: Settings) -> str:
    """Return the origin of the Graph that the settings name, without a closing slash."""
    return (settings.graph_url or CLOUDS[settings.cloud][1]).rstrip("/")


def automatic_replies(settings: Settings) -> str:
    """Return the address of Outlook's page for automatic replies."""
    return f"{CLOUDS[settings.cloud][2]}/mail/options/mail/automaticReplies"


def registration_of(settings: Settings) -> AppRegistration | None:
    """Return the app registration that the settings name; `None` while nothing is set up."""
    if settings.client_id is None or not (settings.tenant or settings.authority):
        return None
    authority = settings.authority or f"{CLOUDS[settings.cloud][0]}/{settings.tenant}"
    return AppRegistration(settings.client_id, authority.rstrip("/"), graph_origin(settings))
