"""Microsoft Graph's presence API: requests and answers as pure functions, and a thin HTTP shell."""
