"""The server of this very machine: what its data folder tells, and what of it a form takes over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from livequiz.client.address import complete
from livequiz.domain.errors import QuizError

NO_SERVER = (
    "No server runs on this machine yet: start `livequiz serve` in another terminal, "
    "then press Join."
)


@dataclass(frozen=True, slots=True)
class Here:
    """A server on this machine; `token` is empty where its data can't be read."""

    url: str
    meeting_id: str
    token: str


# Of the server on this machine, if one runs; with an address, only if it is at that address.
Find = Callable[[str | None], Here | None]


def is_here(url: str) -> bool:
    """Whether an address, as somebody typed it, can only be on this machine."""
    try:
        return urlsplit(complete(url)).hostname in {"127.0.0.1", "localhost", "::1"}
    except QuizError:
        return False


def found(find: Find, values: Mapping[str, str], untouched: set[str]) -> dict[str, str]:
    """Return what a form has to hold instead, by field.

    Nobody who typed a field, or chose another machine, gets another value for it; and no other
    server is shown this one's token.

    Args:
        find: Looks for the server.
        values: What the form holds, by field.
        untouched: The fields that hold what the form was opened with.
    """
    anywhere = "url" in untouched and (not values["url"] or is_here(values["url"]))
    try:
        server = find(None if anywhere else complete(values["url"]))
    except QuizError:  # which the form will say
        return {}
    if server is None:
        return {}
    fields = {"url": server.url, "meeting_id": server.meeting_id, "token": server.token}
    return {name: fields[name] for name in fields if name in untouched and fields[name]}
