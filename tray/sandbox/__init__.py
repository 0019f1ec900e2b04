"""Stand-ins for Graph's presence service and the identity platform: the demo's world, the tests' fake."""
