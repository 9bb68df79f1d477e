"""Settings: flags before `LIVEQUIZ_*` variables before the config file before defaults."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from livequiz.domain.errors import Code, QuizError

APP = "livequiz"
DEFAULT_PORT = 5000


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """What `livequiz serve` was told.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        data_dir: Where the database, the token and the log live.
        mongo_url: A MongoDB to use instead of a private one.
        bank: A question file to load into an empty bank, instead of the samples.
        roster: A file of who may join; None lets anybody join.
        meeting: The code of the meeting to open; None makes one up.
        instructor_token: What instructors show; None takes the one in the data folder.
        grace: Seconds after the deadline in which an answer still counts.
        open_ids: Anybody may take any student id.
        open_meetings: A student's join opens a meeting.
        announce: Tell the network where the server is, if others can reach it.
        limits: Limit what one connection and one address may do.
        with_stdin: Stop when standard input ends.
        tls: The certificate and the private key to serve https with, PEM.
        tls_self_signed: Serve https with a certificate of its own making.
        cors_origins: Other origins whose web pages may use the server.
    """

    host: str
    port: int
    data_dir: Path
    mongo_url: str | None = None
    bank: Path | None = None
    roster: Path | None = None
    meeting: str | None = None
    instructor_token: str | None = None
    grace: float = 1.5
    open_ids: bool = False
    open_meetings: bool = False
    announce: bool = True
    limits: bool = True
    with_stdin: bool = False
    tls: tuple[Path, Path] | None = None
    tls_self_signed: bool = False
    cors_origins: tuple[str, ...] = ()


def default_data_dir() -> Path:
    """Return where data lives when nobody says otherwise."""
    return Path(platformdirs.user_data_dir(APP))


def config_path() -> Path:
    """Return where the config file is, whether it exists or not."""
    given = os.environ.get("LIVEQUIZ_CONFIG")
    return Path(given) if given else Path(platformdirs.user_config_dir(APP)) / "config.toml"


def config_defaults() -> dict[str, Any]:
    """Return the config file's values: a table for each command, with the flags' names.

    ```toml
    [serve]
    host = "0.0.0.0"
    port = 5001
    ```

    Raises:
        QuizError: `bad_request` if the file can't be read.
    """
    path = config_path()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"The config file {path} can't be read: {error}"
        raise QuizError(Code.BAD_REQUEST, message) from None
    return {
        command: {name.replace("-", "_"): value for name, value in table.items()}
        for command, table in tables.items()
        if isinstance(table, dict)
    }
