"""Signing in: the token child with MSAL and the vault, and the tray's side of its pipe."""
