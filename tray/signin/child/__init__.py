"""The token child: a short-lived process with MSAL and the keyring, for one errand."""
