"""The app registration that the settings name: clouds, and addresses that replace them."""

import pytest

from tray.settings import Settings
from tray.signin.registration import graph_origin, registration_of

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
def test_cloud_authority_and_graph_url_decide_the_registration(
    given: dict[str, str | None], authority: str, graph: str
) -> None:
    settings = Settings(**({"client_id": CLIENT, "tenant": "contoso.com"} | given))
    registration = registration_of(settings)
    assert registration is not None
    assert registration.authority == authority
    assert registration.graph_origin == graph_origin(settings) == graph
    assert registration.scopes == [f"{graph}/{READ_WRITE}", f"{graph}/{READ}"]


@pytest.mark.parametrize(
    "given", [{}, {"client_id": CLIENT}, {"tenant": "contoso.com"}, {"authority": "https://a.test/t"}]
)
def test_without_a_client_id_and_a_tenant_nothing_is_set_up(given: dict[str, str]) -> None:
    assert registration_of(Settings(**given)) is None
