"""Says how many times longer than usual the tests that repeat themselves run: `TESTS_TIMES=25 pytest …`."""

import os

TIMES = int(os.environ.get("TESTS_TIMES", "1"))
