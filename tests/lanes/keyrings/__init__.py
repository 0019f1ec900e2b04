"""Real keyrings, each in a session of its own, used as a user does it: sign in, set, restart, unlock, sign out."""
