"""How long tests wait for what has to come, before they take it for missing.

`LIVEQUIZ_TEST_PATIENCE=4 make test` waits four times as long, for a machine that is slow or busy.
"""

from __future__ import annotations

import os

STRETCH = max(1.0, float(os.environ.get("LIVEQUIZ_TEST_PATIENCE", "1")))


def patient(seconds: float) -> float:
    """Return how many seconds to wait here for what takes so many at the most elsewhere."""
    return seconds * STRETCH


PATIENCE = patient(20.0)  # seconds until what a test waits for counts as not coming
TEST = patient(120.0)  # seconds that one test may take
