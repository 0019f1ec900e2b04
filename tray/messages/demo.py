"""Words for the demo: its account, and what its other side can do."""

ACCOUNT = "Adele Vance (demo)"
LABELS = {
    "teams-active": "Teams is in use",
    "teams-idle": "Teams goes idle",
    "teams-meeting": "Teams joins a meeting",
    "teams-quits": "Teams quits",
    "choose-busy": "“Busy” is chosen in Teams",
    "choose-offline": "“Appear offline” is chosen in Teams",
    "choose-nothing": "Teams' status is reset",
    "lost": "Teams loses our session",
    "network": "The network drops",
    "throttle": "Teams asks to wait for 30 s",
    "down": "Microsoft's service is down",
    "expire": "The access token expires",
}
NO_NETWORK = "There is no network (demo)."
