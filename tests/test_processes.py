"""How processes of our own and of others are started."""

import pytest

from tray import processes


@pytest.mark.parametrize(
    ("environ", "packaged", "seen"),
    [
        ({"HOME": "/h"}, False, {"HOME": "/h"}),
        ({"LD_LIBRARY_PATH": "/user"}, False, {"LD_LIBRARY_PATH": "/user"}),
        ({"HOME": "/h", "LD_LIBRARY_PATH": "/bundle"}, True, {"HOME": "/h"}),
        ({"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/user"}, True, {"LD_LIBRARY_PATH": "/user"}),
    ],
)
def test_a_packaged_programs_libraries_are_for_itself(
    environ: dict[str, str], packaged: bool, seen: dict[str, str]
) -> None:
    assert processes.plain_environment(environ, packaged=packaged) == seen
