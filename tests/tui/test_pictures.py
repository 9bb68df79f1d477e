"""The pictures in docs/pictures show what the apps show; `make pictures` takes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.pictures import FOLDER, pictures, words


async def test_the_pictures_of_the_docs_are_current(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))
    taken = await pictures(server)
    kept = {path.stem: path.read_text() for path in FOLDER.glob("*.svg")}
    assert taken.keys() == kept.keys()
    for name, svg in taken.items():
        assert words(svg) == words(kept[name]), f"{name}: run `make pictures`"
