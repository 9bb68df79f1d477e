"""The server on this machine, and the form values taken from its data folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from livequiz.client.address import complete
from livequiz.domain.errors import QuizError

NO_SERVER = (
    "No server is running on this machine yet: start `livequiz serve` in another terminal, "
    "then press Join."
)


def runs_elsewhere(looked_at: object, runs_on: object) -> str:
    """Return what to do where a server runs on another data folder than the one looked at."""
    return (
        f"No server runs on the data folder {looked_at}, but one does on {runs_on}: "
        f'leave, and start with `livequiz instructor --data-dir "{runs_on}"`.'
    )


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server on this machine; `token` is empty where its data can't be read."""

    url: str
    meeting_id: str
    token: str


# Returns the running server on this machine; given an address, only if it is at that address.
Find = Callable[[str | None], LocalServer | None]
# What to do when there is none.
Advise = Callable[[], str]


def is_here(url: str) -> bool:
    """Whether an address, as typed, can only be on this machine."""
    try:
        return urlsplit(complete(url)).hostname in {"127.0.0.1", "localhost", "::1"}
    except QuizError:
        return False


def found(find: Find, values: Mapping[str, str], untouched: set[str]) -> dict[str, str]:
    """Return the form values to replace, by field.

    Fields that the user typed are kept, and so is everything if the address is another machine's:
    this server's token is never sent to another server.

    Args:
        find: Finds the server.
        values: The form's values, by field.
        untouched: The fields that the user has not changed.
    """
    anywhere = "url" in untouched and (not values["url"] or is_here(values["url"]))
    try:
        server = find(None if anywhere else complete(values["url"]))
    except QuizError:  # the form will show it
        return {}
    if server is None:
        return {}
    fields = {"url": server.url, "meeting_id": server.meeting_id, "token": server.token}
    return {name: fields[name] for name in fields if name in untouched and fields[name]}
