"""Stand-ins for Graph's presence service and for the identity platform: the demo's world and the tests' fake."""
