"""`livequiz serve`: the server that students and instructors connect to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livequiz.commands.options import DataDir, Meeting, MongoUrl, WithStdin, run, say, titled
from livequiz.config import DEFAULT_PORT, DEFAULT_SSH_PORT
from livequiz.domain.errors import QuizError
from livequiz.domain.model import DrawRule, NeverTwice, PointsFor
from livequiz.process.secret_args import reexec_with_secret_in_env

if TYPE_CHECKING:
    from livequiz.config import ServeSettings
    from livequiz.server.main import Started

DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}  # by unit of --forget-after


def serve(
    data_dir: DataDir,
    host: Annotated[
        str, typer.Option(envvar="LIVEQUIZ_HOST", help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            envvar="LIVEQUIZ_PORT", min=0, max=65535, help="Port to listen on; 0 picks a free one."
        ),
    ] = DEFAULT_PORT,
    mongo_url: MongoUrl = None,
    bank: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_BANK",
            help="Question file to load into the bank: YAML, JSON, CSV, XLSX ...",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_ROSTER",
            help="Class list: only these students can join. CSV with the columns student_id, name.",
        ),
    ] = None,
    meeting: Meeting = None,
    instructor_token: Annotated[
        str | None, typer.Option(envvar="LIVEQUIZ_INSTRUCTOR_TOKEN", hidden=True)
    ] = None,
    projector_token: Annotated[
        str | None, typer.Option(envvar="LIVEQUIZ_PROJECTOR_TOKEN", hidden=True)
    ] = None,
    open_ids: Annotated[
        bool,
        typer.Option(
            "--open-ids", help="Let anyone use any student id (for clients without tokens)."
        ),
    ] = False,
    open_meetings: Annotated[
        bool, typer.Option("--open-meetings", help="Let students open a meeting by joining it.")
    ] = False,
    no_announce: Annotated[
        bool,
        typer.Option(
            "--no-announce",
            envvar="LIVEQUIZ_NO_ANNOUNCE",
            help="Don't announce the server on this network; students have to type its address.",
        ),
    ] = False,
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            envvar="LIVEQUIZ_TLS_CERT", help="Certificate with its chain (PEM), to serve https."
        ),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(envvar="LIVEQUIZ_TLS_KEY", help="The certificate's private key (PEM)."),
    ] = None,
    tls_self_signed: Annotated[
        bool,
        typer.Option(
            "--tls-self-signed",
            envvar="LIVEQUIZ_TLS_SELF_SIGNED",
            help="Serve https with a self-signed certificate, made once and then kept.",
        ),
    ] = False,
    ssh: Annotated[
        bool,
        typer.Option(
            "--ssh",
            envvar="LIVEQUIZ_SSH",
            help="Let students take part with nothing but `ssh`; needs the extra `ssh`.",
        ),
    ] = False,
    ssh_port: Annotated[
        int,
        typer.Option(
            envvar="LIVEQUIZ_SSH_PORT", min=0, max=65535, help="Port for --ssh; 0 picks a free one."
        ),
    ] = DEFAULT_SSH_PORT,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="LIVEQUIZ_CORS_ORIGIN",
            metavar="URL",
            help="Let web pages from this origin use the server. Can be repeated.",
        ),
    ] = None,
    scoring: Annotated[
        PointsFor,
        typer.Option(
            envvar="LIVEQUIZ_SCORING",
            help="What points depend on: being right, being right and fast, or none at all. The "
            "Send dialog can say otherwise for a round.",
        ),
    ] = PointsFor.ACCURACY,
    balance: Annotated[
        bool,
        typer.Option(
            "--balance",
            envvar="LIVEQUIZ_BALANCE",
            help="Give the students of a round questions that are about equally hard, and easier "
            "ones to those who had harder ones before.",
        ),
    ] = False,
    practice: Annotated[
        bool,
        typer.Option(
            "--practice",
            envvar="LIVEQUIZ_PRACTICE",
            help="Let students practise the questions that they missed, at any time and untimed.",
        ),
    ] = False,
    per_topic: Annotated[
        bool,
        typer.Option(
            "--per-topic",
            envvar="LIVEQUIZ_PER_TOPIC",
            help="Give each student one question of each topic over the rounds, then again. The "
            "Send dialog can say otherwise for a round, also for the next two.",
        ),
    ] = False,
    cover: Annotated[
        bool,
        typer.Option(
            "--cover",
            envvar="LIVEQUIZ_COVER",
            help="Ask the questions first that the class has seen least, so that it goes through "
            "all of them.",
        ),
    ] = False,
    carry_over: Annotated[
        bool,
        typer.Option(
            "--carry-over",
            envvar="LIVEQUIZ_CARRY_OVER",
            help="Give a student what they missed again in a later round: after 2 other rounds, "
            "then after 4, 8 ...",
        ),
    ] = False,
    class_name: Annotated[
        str | None,
        typer.Option(
            "--class",
            envvar="LIVEQUIZ_CLASS",
            metavar="NAME",
            help="The class that the meeting belongs to, such as 7B.",
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            envvar="LIVEQUIZ_TITLE",
            metavar="TITLE",
            help="What the meeting is about, such as `Fractions, lesson 3`.",
        ),
    ] = None,
    never_twice: Annotated[
        NeverTwice,
        typer.Option(
            envvar="LIVEQUIZ_NEVER_TWICE",
            help="How far back to look so that no student gets a question twice: this "
            "meeting, all meetings of the class, or ever.",
        ),
    ] = NeverTwice.MEETING,
    forget_after: Annotated[
        str | None,
        typer.Option(
            envvar="LIVEQUIZ_FORGET_AFTER",
            metavar="SPAN",
            help="Erase the students of meetings whose newest round is that old, such as 365d, "
            "52w, 12m or 1y; answers stay, under random ids.",
        ),
    ] = None,
    no_limits: Annotated[
        bool,
        typer.Option(
            "--no-limits", help="Turn off the limits on floods, guessing and idle connections."
        ),
    ] = False,
    with_stdin: WithStdin = False,
) -> None:
    """Start the server that students and instructors connect to."""
    reexec_with_secret_in_env("--instructor-token", "LIVEQUIZ_INSTRUCTOR_TOKEN")
    reexec_with_secret_in_env("--projector-token", "LIVEQUIZ_PROJECTOR_TOKEN")
    from livequiz.commands.output.welcome import show
    from livequiz.config import ServeSettings
    from livequiz.protocol.codec import decode_id
    from livequiz.protocol.fields import MeetingId

    settings = ServeSettings(
        host=host,
        port=port,
        data_dir=data_dir.expanduser().resolve(),
        mongo_url=mongo_url,
        bank=bank,
        roster=roster,
        meeting=decode_id(meeting, MeetingId, "meeting_id") if meeting else None,
        instructor_token=instructor_token,
        projector_token=projector_token,
        open_ids=open_ids,
        open_meetings=open_meetings,
        announce=not no_announce,
        limits=not no_limits,
        with_stdin=with_stdin,
        ssh_port=ssh_port if ssh else None,
        tls=_pair(tls_cert, tls_key, tls_self_signed),
        tls_self_signed=tls_self_signed,
        cors_origins=tuple(cors_origin or ()),
        points_for=scoring,
        balance=balance,
        practice=practice,
        draw_rules=tuple(
            rule
            for rule, wanted in (
                (DrawRule.PER_TOPIC, per_topic),
                (DrawRule.COVER, cover),
                (DrawRule.CARRY_OVER, carry_over),
            )
            if wanted
        ),
        never_twice=never_twice,
        class_name=titled("class", class_name) if class_name is not None else None,
        title=titled("title", title) if title is not None else None,
        forget_after=_span(forget_after) if forget_after is not None else None,
    )
    run(_serve(settings, show))


async def _serve(settings: ServeSettings, show: Callable[[Started], None]) -> None:
    from livequiz.commands.output.results_tables import progress_bar
    from livequiz.db import rewriting
    from livequiz.db.opening import lock
    from livequiz.server.main import serve as run_server
    from livequiz.server.quiz.service import utc_now

    folder = settings.data_dir
    if settings.mongo_url is None and rewriting.is_due(folder):
        # MongoDB's files still hold what was erased while a server used them.
        try:
            with lock(folder), progress_bar("Rewriting the database's files") as progress:
                await rewriting.rewrite(folder, utc_now(), progress)
        except (OSError, QuizError) as error:  # a class can begin all the same
            why = error.message if isinstance(error, QuizError) else error.strerror or error
            say(f"What was erased is still in MongoDB's files: {why}")
    await run_server(settings, show)


def _span(text: str) -> timedelta:
    """Return a span of days, weeks, months (of 30 days) or years (of 365)."""
    found = re.fullmatch(r"([0-9]{1,5})([dwmy])", text.strip().lower())
    if not found or not 1 <= (days := int(found[1]) * DAYS[found[2]]) <= 100 * DAYS["y"]:
        raise typer.BadParameter(
            f"{text!r} is no span for --forget-after: give a number of days, weeks, months or "
            "years, from 1d to 100y, such as 365d, 52w, 12m or 1y."
        )
    return timedelta(days=days)


def _pair(
    certificate: Path | None, key: Path | None, self_signed: bool
) -> tuple[Path, Path] | None:
    if certificate is None and key is None:
        return None
    if self_signed:
        raise typer.BadParameter(
            "--tls-self-signed makes a certificate; leave out --tls-cert and --tls-key."
        )
    if certificate is None or key is None:
        raise typer.BadParameter("--tls-cert and --tls-key only work together; give both.")
    return certificate.expanduser(), key.expanduser()
