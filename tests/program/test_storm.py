"""The real program over real sockets in two short storms; `tests/lanes/storms.py` is the long voyage."""

from pathlib import Path

from tests.signin.secret_service import needs_keyring
from tests.storm.voyage import Voyage, afloat

pytestmark = needs_keyring

SPEED = 20.0


def test_in_storms_it_calls_one_at_a_time_and_never_too_early_and_holds_again_after_them(tmp_path: Path) -> None:
    with (
        afloat(tmp_path, SPEED, seed=3) as desktop,
        desktop.program.running("run", "--speed", str(SPEED)) as process,
    ):
        desktop.program.wait_for(lambda status: status["account"]["signed_in"])
        voyage = Voyage(desktop.program, desktop.cloud, process.pid, seed=3, patience=30)
        for _ in range(2):
            voyage.weather(storm=60, calm=10)
        ledger = desktop.cloud.ledger
        assert ledger.broken == []
        assert sum(ledger.kinds.values()) - ledger.kinds["none"] > 3
        first, last = (storm.load for storm in voyage.storms)
        assert last.threads <= first.threads + 1  # a call may be in flight
        assert last.descriptors <= first.descriptors + 1
        assert process.poll() is None
