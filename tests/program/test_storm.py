"""The real program over real sockets in a short storm; `tests/lanes/storms.py` is the long voyage."""

from pathlib import Path

from tests.program.storm.faults import BRIEF
from tests.program.storm.voyage import Voyage, afloat
from tests.signin.secret_service import needs_keyring

pytestmark = needs_keyring


def test_in_a_storm_it_calls_one_at_a_time_and_never_too_early_and_holds_again_after_it(tmp_path: Path) -> None:
    with afloat(tmp_path, seed=3) as desktop, desktop.program.running("run") as process:
        desktop.program.wait_for(lambda status: status["account"]["signed_in"])
        desktop.cloud.faults = BRIEF
        voyage = Voyage(desktop.program, desktop.cloud, process.pid, seed=3, patience=90)
        before = voyage.weather(storm=0, calm=1).load
        ledger = desktop.cloud.ledger
        while ledger.kinds.total() - ledger.kinds["none"] < 4:  # a busy machine makes fewer calls in the same time
            after = voyage.weather(storm=10, calm=1).load
        assert ledger.broken == []
        assert after.threads <= before.threads + 1  # a call may be in flight
        assert after.descriptors <= before.descriptors + 1
        assert process.poll() is None
