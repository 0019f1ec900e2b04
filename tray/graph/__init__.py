"""Microsoft Graph's presence API: requests and outcomes as pure functions, and a thin HTTP shell."""
