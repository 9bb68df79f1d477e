"""`livequiz results`: what a class learned, as a report or as a file."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livequiz.commands.options import (
    DataDir,
    MongoUrl,
    TlsCa,
    TlsFingerprint,
    complete_url,
    fail,
    readable,
    run,
    say,
    titled,
)
from livequiz.process.secret_args import reexec_with_secret_in_env
from livequiz.results.formats import ReportFormat, format_of

if TYPE_CHECKING:
    from livequiz.results.lesson import Lesson, Progress, Source
    from livequiz.results.report import Report


class Gradebook(StrEnum):
    """A program that keeps grades."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    CSV = "csv"


Meetings = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MEETING]...",
        help="Meeting codes; several are reported together. Leave them out to list the meetings.",
        show_default=False,
    ),
]


def results(
    data_dir: DataDir,
    meetings: Meetings = None,
    class_name: Annotated[
        str | None,
        typer.Option("--class", help="All meetings of this class, archived ones too."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All meetings, archived ones too.")
    ] = False,
    number: Annotated[
        int | None, typer.Option("--round", "-r", min=1, help="Only the round with this number.")
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(help="Only this student id; the questions' figures are still those of all."),
    ] = None,
    report_format: Annotated[
        ReportFormat | None,
        typer.Option("--format", "-f", help="The file's format, if its name doesn't say it."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write; - for standard output. Without it and without --format, the "
            "report is shown here.",
        ),
    ] = None,
    gradebook: Annotated[
        Gradebook | None,
        typer.Option(help="Write grades for Canvas (with --with), Moodle, or as plain CSV."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="EXPORT.csv",
            help="The gradebook as exported from Canvas; it gets one more column.",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A class list with student_id, name, and any of email, login and sis_id, by which "
            "a gradebook knows the students, and group, which a report shows.",
        ),
    ] = None,
    points: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            help="Points this counts for in the gradebook; default: the most that any student's "
            "questions were worth.",
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="The report's title, and the column's in a gradebook.")
    ] = None,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Numbers in random order in place of names and ids.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    mongo_url: MongoUrl = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Ask a server elsewhere, such as http://192.168.1.20:5000, with its token.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="LIVEQUIZ_INSTRUCTOR_TOKEN", help="The instructor token, for --url."),
    ] = None,
    tls_ca: TlsCa = None,
    tls_fingerprint: TlsFingerprint = None,
) -> None:
    """Show what a class learned, or write it to a file: HTML, Excel, CSV, JSON or Markdown."""
    reexec_with_secret_in_env("--token", "LIVEQUIZ_INSTRUCTOR_TOKEN")
    # Each collection would go through all answers again, and hardly any of them is garbage.
    gc.disable()
    address = complete_url(url, tls_fingerprint)
    named = _named(meetings, class_name, everything=everything)
    if gradebook is not None:
        _check_gradebook(gradebook, named, output, export, anonymous=anonymous)
        report_format = ReportFormat.CSV
    target = _target(output, report_format, named)
    if target is not None and str(target[0]) != "-" and not force and os.path.exists(target[0]):
        fail(f"{target[0]} already exists; use --force to overwrite it.")

    async def work(source: Source) -> None:
        if not named:
            from livequiz.commands.output.results_tables import list_meetings

            await list_meetings(source)
            return
        lesson = await _lesson(source, meetings, class_name, number)
        report = _report(lesson, student, class_name, anonymous=anonymous)
        report.title = title or report.title
        if roster is not None and gradebook is None:
            _set_groups(report, roster)
        if target is None:
            _show(report)
        elif gradebook is not None:
            _write(_grades(report, gradebook, export, roster, points), target[0])
        else:
            from livequiz.results.formats import write

            with _progress("Writing the file", after=1.0) as progress:
                content = write(report, target[1], progress)
            _write(content, target[0])

    if address is None:
        _offline(data_dir, mongo_url, work)
    else:
        if not token:
            fail("A server elsewhere needs its instructor token: --token, or the environment "
                 "variable LIVEQUIZ_INSTRUCTOR_TOKEN. `livequiz serve` shows it.")  # fmt: skip
        run(_online(address, token, readable(tls_ca), work))


def _named(meetings: list[str] | None, class_name: str | None, *, everything: bool) -> str:
    """Return what a file on these meetings is called; nothing if none are named.

    Fails if the meetings are named in more than one way.
    """
    if sum([bool(meetings), class_name is not None, everything]) > 1:
        fail("Name meetings by their codes, by --class or with --all: only one of these.")
    if class_name is not None:
        if titled("class", class_name) != class_name or not class_name:
            fail("--class needs the name of a class; `livequiz results` lists them.")
        return re.sub(r"[^\w.-]+", "-", class_name)
    return "all" if everything else "-".join(meetings or [])


def _target(
    output: Path | None, report_format: ReportFormat | None, named: str
) -> tuple[Path, ReportFormat] | None:
    """Return the file to write and its format; None if the report is to be shown."""
    if not named and not (output is None and report_format is None):
        fail("Name a meeting to report on, or --class or --all; `livequiz results` lists them.")
    if output is None and report_format is None:
        return None
    if output is None:
        assert report_format is not None  # noqa: S101
        output = Path(f"livequiz-{named}.{report_format}")
    if str(output) == "-":
        return output, report_format or ReportFormat.JSON
    return output, report_format or format_of(output)


async def _lesson(
    source: Source, meetings: list[str] | None, class_name: str | None, number: int | None
) -> Lesson:
    from livequiz.results.lesson import codes, gather

    wanted = meetings or await codes(source, class_name)
    if number is not None and len({code.upper() for code in wanted}) > 1:
        fail(f"--round takes a round of one meeting, and these are {len(wanted)}: name one.")
    with _progress("Reading rounds") as progress:
        return await gather(source, wanted, number, progress)


def _report(
    lesson: Lesson, student: str | None, class_name: str | None, *, anonymous: bool
) -> Report:
    from livequiz.results.build import build
    from livequiz.server.quiz.service import utc_now

    if student is not None and student not in {found.id for found in lesson.students}:
        fail(f"Nobody with the id {student} took part.")
    with _progress("Computing the figures", after=1.0):
        report = build(lesson, utc_now(), student=student, anonymous=anonymous)
    if class_name is not None and len(lesson.meetings) > 1:
        report.title = f"{class_name}: {report.title}"
    return report


def _offline(
    data_dir: Path, mongo_url: str | None, work: Callable[[Source], Coroutine[Any, Any, None]]
) -> None:
    from livequiz.commands.questions import existing_database, with_store
    from livequiz.results.store_source import StoreSource

    folder = existing_database(data_dir, mongo_url)
    with_store(folder, mongo_url, lambda store: work(StoreSource(store)))


async def _online(
    url: str, token: str, tls_ca: Path | None, work: Callable[[Source], Coroutine[Any, Any, None]]
) -> None:
    from livequiz.client.rest import RestClient
    from livequiz.results.rest_source import RestSource

    async with RestClient(url, token, tls_ca=tls_ca) as client:
        await work(RestSource(client))


def _progress(what: str, *, after: float = 0.0) -> AbstractContextManager[Progress]:
    from livequiz.commands.output.results_tables import progress_bar

    return progress_bar(what, after=after)


def _set_groups(report: Report, roster: Path) -> None:
    from livequiz.server.quiz.roster import read_file

    if report.anonymous:
        fail("An anonymous report has no groups: leave out --roster, or --anonymous.")
    accounts = read_file(roster).accounts
    report.set_groups({student: row.get("group", "") for student, row in accounts.items()})
    if not report.has_groups:
        say(f"{roster} has no group of anybody here, in a column `group`.")


def _show(report: Report) -> None:
    from livequiz.commands.output.results_tables import print_report

    print_report(report)


def _check_gradebook(
    gradebook: Gradebook,
    named: str,
    output: Path | None,
    export: Path | None,
    *,
    anonymous: bool,
) -> None:
    if not named:
        fail("Name the meetings to grade: livequiz results K7QX4M --gradebook canvas ...")
    if anonymous:
        fail("A gradebook needs to know who is who: leave out --anonymous.")
    if output is None:
        fail("Name the file to write: -o FILE.csv.")
    if gradebook is Gradebook.CANVAS and (export is None or not export.is_file()):
        fail(
            "Canvas takes back only its own file: export the gradebook there, and pass it with "
            "--with."
        )


def _grades(
    report: Report,
    gradebook: Gradebook,
    export: Path | None,
    roster: Path | None,
    points: float | None,
) -> bytes:
    """Return the gradebook's file; say who could not be matched."""
    from livequiz.results.gradebook import canvas, tables
    from livequiz.results.gradebook.grades import grades_of
    from livequiz.server.quiz.roster import read_file

    if len({line.class_name for line in report.students}) > 1:
        fail("These meetings belong to different classes: write a gradebook for each class.")
    accounts = read_file(roster).accounts if roster else {}
    known_by = {i: {k: v for k, v in row.items() if k != "group"} for i, row in accounts.items()}
    grades = grades_of(report, points, known_by)
    if gradebook is Gradebook.CANVAS and export is not None:
        content, problems = canvas.add_column(export.read_bytes(), grades)
        for problem in problems:
            say(problem)
        return content
    return tables.moodle(grades) if gradebook is Gradebook.MOODLE else tables.any_gradebook(grades)


def _write(content: bytes, file: Path) -> None:
    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}.")
    say(f"Wrote {file}.")
