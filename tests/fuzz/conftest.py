"""Where bad input is sent."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.fuzz.school import School


@pytest.fixture
def policy() -> Policy:
    """No limits of rates: they would keep most of the bad input from being looked at."""
    return Policy(TOKEN, limits=Limits.none())


@pytest.fixture
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Bad input is nothing that a log has to tell of as an error."""
    yield caplog
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not loud, [record.getMessage() for record in loud]


@pytest.fixture
async def school(
    server: RunningServer, quiet_log: pytest.LogCaptureFixture
) -> AsyncIterator[School]:
    # A connection on which a body could not be read is closed after the reply.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        school = await School(server, session, quiet_log).open()
        yield school
        await school.close()
