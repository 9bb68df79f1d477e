"""The web pages for students and for the projector: static files, kept in memory."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

FOLDER = Path(__file__).parent.parent / "page"
PAGES = {"/": "index.html", "/projector": "projector.html"}
PAGE = "/page/"  # the paths of their files
TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
FOR_EVER = "public, max-age=31536000, immutable"  # a path has the digest of all files in it
# Safari up to 15.3 does not take a WebSocket of the page's own host for 'self'.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _File:
    content_type: str
    plain: bytes
    packed: bytes


class Page:
    """Serves `GET /`, `GET /projector` and their files, which browsers keep."""

    def __init__(self) -> None:
        found = {
            path.relative_to(FOLDER).as_posix(): path.read_bytes()
            for path in FOLDER.rglob("*")
            if path.suffix[1:] in TYPES
        }
        digest = hashlib.sha256(b"".join(found[path] for path in sorted(found))).hexdigest()[:12]
        base = f"{PAGE}{digest}/"
        self._pages = {
            path: found.pop(name).replace(b"/page/VERSION/", base.encode())
            for path, name in PAGES.items()
        }
        self._files = {
            base + path: _File(TYPES[path.rpartition(".")[2]], content, gzip.compress(content, 9))
            for path, content in found.items()
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for aiohttp."""
        pages = [web.get(path, self.page) for path in PAGES]
        return [*pages, web.get(PAGE + "{path:.+}", self.file)]

    async def page(self, request: web.Request) -> web.Response:
        """Return a page."""
        sockets = ""
        if _HOST.fullmatch(request.host):
            sockets = f" ws://{request.host} wss://{request.host}"
        headers = {
            hdrs.CACHE_CONTROL: "no-cache",
            "Content-Security-Policy": POLICY.format(sockets=sockets),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        return web.Response(
            body=self._pages[request.path],
            content_type="text/html",
            charset="utf-8",
            headers=headers,
        )

    async def file(self, request: web.Request) -> web.Response:
        """Return a file of the page."""
        file = self._files.get(request.path)
        if file is None:
            raise web.HTTPNotFound
        headers = {
            hdrs.CACHE_CONTROL: FOR_EVER,
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
            "X-Content-Type-Options": "nosniff",
        }
        body = file.plain
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            body = file.packed
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(
            body=body, content_type=file.content_type, charset="utf-8", headers=headers
        )
