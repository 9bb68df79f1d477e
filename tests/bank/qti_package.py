"""QTI's content packages for tests: a zip with a manifest and items."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "qti"


def package(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, text in files.items():
            written.writestr(name, text)
    return file.getvalue()


def manifest(*paths: str) -> str:
    resources = "".join(
        f'<resource type="imsqti_item_xmlv2p1" href="{path}"><metadata><lom><general><keyword>'
        "<langstring>Water</langstring></keyword></general><educational><difficulty><source>x"
        "</source><value>very difficult</value></difficulty></educational></lom></metadata>"
        "</resource>"
        for path in paths
    )
    picture = '<resource type="webcontent" href="a.png"/>'
    return f"<manifest><resources>{resources}{picture}</resources></manifest>"


CHOICE = (FOLDER / "choice-multiple.xml").read_text()
