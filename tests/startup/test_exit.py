"""How the program ends: Python must not collect garbage once its modules are being torn down."""

from __future__ import annotations

import subprocess
import sys

from tests.patience import patient

CYCLE = """
import os, sys
from livequiz.cli import main

class Cycle:
    def __del__(self, write=os.write):
        write(1, b"collected")

cycle = Cycle()
cycle.itself = cycle
sys.argv = ["livequiz", "--version"]
main()
"""


def test_no_garbage_is_collected_at_exit() -> None:
    """It crashes in msgspec: seen as a segmentation fault after one Ctrl-C in five."""
    done = subprocess.run(
        [sys.executable, "-c", CYCLE],
        capture_output=True,
        text=True,
        check=False,
        timeout=patient(30),
    )
    assert done.returncode == 0, done.stderr
    assert "livequiz" in done.stdout
    assert "collected" not in done.stdout
