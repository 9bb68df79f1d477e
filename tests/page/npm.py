"""The JavaScript packages of these tests, installed once from the lock file."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.patience import patient

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


async def installed() -> Path:
    """Return the folder of the packages; skip the test where there is no npm."""
    if not (MODULES / ".package-lock.json").exists():
        if shutil.which("npm") is None:
            pytest.skip("no npm here; .ci/run installs it")
        process = await asyncio.create_subprocess_exec(
            *("npm", "ci", "--silent", "--no-audit", "--no-fund"), cwd=HERE
        )
        assert await asyncio.wait_for(process.wait(), patient(100)) == 0
    return MODULES
