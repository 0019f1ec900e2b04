"""Microsoft Graph's presence API: requests and outcomes as pure functions, and a thin HTTP shell."""

import sys

# httpx's own command line would load click, rich and pygments wherever something else has installed them.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
