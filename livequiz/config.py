"""Settings, by precedence: flags, `LIVEQUIZ_*` variables, the config file, defaults."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import DrawRule, NeverTwice, PointsFor
from livequiz.domain.timing import GRACE

APP = "livequiz"
DEFAULT_PORT = 5000
DEFAULT_SSH_PORT = 2222


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """The settings of `livequiz serve`.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 picks a free one.
        data_dir: The folder of the database, the token and the log.
        mongo_url: A MongoDB to use instead of a private one.
        bank: A question file to load into an empty bank, instead of the samples.
        roster: The class list; None lets anybody join.
        meeting: The code of the meeting to open; None generates one.
        instructor_token: The token that instructors need; None uses the one in the data folder.
        projector_token: The token that projectors need, likewise.
        grace: Seconds after the deadline during which an answer still counts.
        open_ids: Let anybody use any student id.
        open_meetings: Let a student's join open a meeting.
        announce: Announce the server on the local network, if others can reach it.
        limits: Apply the limits on each connection and each address.
        with_stdin: Stop when standard input ends.
        tls: The certificate and private key for HTTPS, PEM.
        tls_self_signed: Serve HTTPS with a self-signed certificate.
        ssh_port: The port for SSH; None opens none.
        points_for: What points depend on, unless a round says otherwise.
        never_twice: Within what no student gets a question twice.
        class_name: The class that the meeting belongs to; None leaves it as it is.
        title: The meeting's title, likewise.
        forget_after: How long meetings keep their persons after the newest round; None: forever.
        balance: Give the students of a round questions that are about equally hard.
        practice: Let students practise what they missed.
        draw_rules: What draws prefer, unless a round says otherwise.
        cors_origins: Other origins whose web pages may use the server (CORS).
    """

    host: str
    port: int
    data_dir: Path
    mongo_url: str | None = None
    bank: Path | None = None
    roster: Path | None = None
    meeting: str | None = None
    instructor_token: str | None = None
    projector_token: str | None = None
    grace: float = GRACE
    open_ids: bool = False
    open_meetings: bool = False
    announce: bool = True
    limits: bool = True
    with_stdin: bool = False
    ssh_port: int | None = None
    tls: tuple[Path, Path] | None = None
    tls_self_signed: bool = False
    cors_origins: tuple[str, ...] = ()
    points_for: PointsFor = PointsFor.ACCURACY
    balance: bool = False
    practice: bool = False
    draw_rules: tuple[DrawRule, ...] = ()
    never_twice: NeverTwice = NeverTwice.MEETING
    class_name: str | None = None
    title: str | None = None
    forget_after: timedelta | None = None


def default_data_dir() -> Path:
    """Return the default data folder."""
    return Path(platformdirs.user_data_dir(APP))


def config_path() -> Path:
    """Return the path of the config file, whether or not it exists."""
    given = os.environ.get("LIVEQUIZ_CONFIG")
    return Path(given) if given else Path(platformdirs.user_config_dir(APP)) / "config.toml"


def config_defaults() -> dict[str, Any]:
    """Return the config file's values: a table for each command, with flag names as keys.

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
