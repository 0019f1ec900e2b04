"""The pure core: states, presence rules, the engine and its view; no clock, thread, logging or I/O."""
