"""The control channel: how commands reach the running app."""
