"""How long the fuzzing goes on: `LIVEQUIZ_FUZZ=20` makes it twenty times as long."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from tests.patience import TEST

TIMES = float(os.environ.get("LIVEQUIZ_FUZZ", "1"))
SECONDS = TEST * max(1.0, TIMES)  # a test's time-out


def effort(examples: int) -> settings:
    """Return the settings of a test that by default runs that many examples."""
    return settings(
        max_examples=max(1, round(examples * TIMES)),
        deadline=None,
        database=None,  # a failure prints what is needed to repeat it
        # No shrinking: the server keeps what came before, and an ack that is missing takes seconds.
        phases=[Phase.explicit, Phase.generate],
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
