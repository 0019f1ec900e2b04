"""What the settings mean for signing in: the clouds, and addresses given outright."""

import pytest

from tray.settings import Settings
from tray.signin.registration import graph_origin, identity_of

CLIENT = "00000000-0000-4000-8000-000000000001"
READ_WRITE, READ = "Presence.ReadWrite", "Presence.Read"


@pytest.mark.parametrize(
    ("given", "authority", "graph"),
    [
        ({}, "https://login.microsoftonline.com/contoso.com", "https://graph.microsoft.com"),
        ({"cloud": "gcc-high"}, "https://login.microsoftonline.us/contoso.com", "https://graph.microsoft.us"),
        ({"cloud": "dod"}, "https://login.microsoftonline.us/contoso.com", "https://dod-graph.microsoft.us"),
        ({"authority": "https://login.test/t/"}, "https://login.test/t", "https://graph.microsoft.com"),
        ({"authority": "http://localhost:5/t", "tenant": None}, "http://localhost:5/t", "https://graph.microsoft.com"),
        ({"graph_url": "https://graph.test/"}, "https://login.microsoftonline.com/contoso.com", "https://graph.test"),
    ],
)
def test_cloud_authority_and_graph_url_decide_where_tokens_are_asked_for_and_for_what(
    given: dict[str, str | None], authority: str, graph: str
) -> None:
    settings = Settings(**({"client_id": CLIENT, "tenant": "contoso.com"} | given))
    identity = identity_of(settings)
    assert identity is not None
    assert identity.authority == authority
    assert identity.graph_origin == graph_origin(settings) == graph
    assert identity.scopes == [f"{graph}/{READ_WRITE}", f"{graph}/{READ}"]


@pytest.mark.parametrize(
    "given", [{}, {"client_id": CLIENT}, {"tenant": "contoso.com"}, {"authority": "https://a.test/t"}]
)
def test_without_a_client_id_and_a_tenant_nothing_is_set_up(given: dict[str, str]) -> None:
    assert identity_of(Settings(**given)) is None
