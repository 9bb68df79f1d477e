"""How `make mutants` runs the tests that draw examples: the same ones for each mutant.

A mutant has only to be noticed, so that no smaller example is looked for.
"""

from __future__ import annotations

from hypothesis import Phase, settings

settings.register_profile(
    "mutants",
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
