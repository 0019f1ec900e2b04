"""Where the token cache is kept: the vault and the keyrings of operating systems."""
