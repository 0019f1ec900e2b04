"""One setPresence with Microsoft's own SDK: `sdk_script.py ORIGIN AUTHORITY CLIENT_ID OBJECT_ID`; waits at the end."""

import asyncio
import sys
from urllib.parse import urlsplit

from azure.identity import DeviceCodeCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.item.presence.set_presence.set_presence_post_request_body import (
    SetPresencePostRequestBody,
)

origin, authority, client_id, object_id = sys.argv[1:]
platform, tenant = authority.rsplit("/", 1)
credential = DeviceCodeCredential(
    client_id,
    authority=platform,
    tenant_id=tenant,
    disable_instance_discovery=True,
    prompt_callback=lambda *_: None,
)
provider = AzureIdentityAuthenticationProvider(
    credential, scopes=[f"{origin}/Presence.ReadWrite"], allowed_hosts=[urlsplit(origin).hostname]
)
adapter = GraphRequestAdapter(provider)
adapter.base_url = f"{origin}/v1.0"
body = SetPresencePostRequestBody(session_id=client_id, availability="Busy", activity="InACall")


async def main() -> None:
    presence = GraphServiceClient(request_adapter=adapter).users.by_user_id(object_id).presence
    await presence.set_presence.post(body)


asyncio.run(main())
print("set", flush=True)
sys.stdin.read()
