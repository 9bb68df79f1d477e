"""Each test has a network of its own."""

from __future__ import annotations

import pytest
from zeroconf.asyncio import AsyncServiceInfo

from livequiz.client import mdns_browser
from tests import multicast


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep other programs' entries out."""
    multicast.alone(monkeypatch)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the entries that were looked up and judged."""
    names: set[str] = set()
    judge = mdns_browser.url_of

    def spy(entry: AsyncServiceInfo) -> str | None:
        names.add(entry.name.partition(".")[0])
        return judge(entry)

    monkeypatch.setattr(mdns_browser, "url_of", spy)
    return names
