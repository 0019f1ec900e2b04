"""The status message of the real program, against a Graph over TLS: what stands in Teams, and what is left there."""

from pathlib import Path

from tests.program.desktop import Desktop, needs_desktop, running
from tests.program.processes import Program
from tray.core.status_message import LONGEST
from tray.core.values import Message

LUNCH = "Lunch, back at 13:00"
FOREIGN = Message("Written in Teams")
WRITES = "setStatusMessage"


def written(desktop: Desktop) -> str | None:
    message = desktop.cloud.graph.model.message(desktop.cloud.graph.now())
    return message.text if message else None


def writes(desktop: Desktop) -> int:
    return [action for _, action, _ in desktop.cloud.graph.log].count(WRITES)


@needs_desktop
def test_the_longest_message_is_taken_and_one_ends_with_its_status_unless_teams_has_another(
    desktop: Desktop,
) -> None:
    desktop.sign_in()
    with running(desktop, []):
        desktop.program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        takes_the_longest_and_says_what_graph_refuses(desktop)
        ends_with_its_status(desktop)


def takes_the_longest_and_says_what_graph_refuses(desktop: Desktop) -> None:
    program, longest = desktop.program, "x" * LONGEST
    assert program.run("message", longest).returncode == 0
    assert written(desktop) == longest
    desktop.cloud.graph.refuses_messages = True
    refused = program.run("message", LUNCH)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (5, "", 1)
    assert "status message" in refused.stderr
    assert LUNCH not in refused.stderr
    assert (program.status()["message"]["text"], program.status()["message"]["accepted"]) == (LUNCH, False)
    assert written(desktop) == longest
    desktop.cloud.graph.refuses_messages = False


def ends_with_its_status(desktop: Desktop) -> None:
    program, before = desktop.program, writes(desktop)
    assert program.run("set", "in-a-call", "--for", "1h", "--message", LUNCH).returncode == 0
    program.wait_for(lambda status: bool(status["message"]["accepted"]))
    assert written(desktop) == LUNCH
    assert program.run("stop").returncode == 0
    program.wait_for(lambda status: status["message"] is None)
    assert (written(desktop), writes(desktop)) == (None, before + 2)

    assert program.run("set", "in-a-call", "--for", "1h", "--message", LUNCH).returncode == 0
    program.wait_for(lambda status: bool(status["message"]["accepted"]))
    desktop.cloud.graph.model.set_message(FOREIGN)
    assert program.run("stop").returncode == 0
    program.wait_for(lambda status: (status["message"] or {}).get("text") == FOREIGN.text)
    assert program.status()["message"]["ours"] is False
    program.quit()
    assert (written(desktop), writes(desktop)) == (FOREIGN.text, before + 3)


def test_a_message_is_gone_when_its_time_is_over(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with program.running("run", "--demo", "--speed", "600"):
        program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        assert program.run("message", LUNCH, "--for", "1h").stdout.startswith("Your status message is set until ")
        program.wait_for(lambda status: status["message"] is None)
        assert program.run("message").stdout == ""
