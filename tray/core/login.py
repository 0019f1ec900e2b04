"""How long a login takes; alone in its module, because the icon comes before everything else that the core knows."""

from datetime import timedelta

LOGIN_LASTS = timedelta(minutes=3)  # desktops unlock keyrings, find networks and load panels in their own time
