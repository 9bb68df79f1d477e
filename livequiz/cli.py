"""The command line: parses, then imports what the command needs and hands over."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from livequiz import __version__
from livequiz.commands.authoring import check, edit, new
from livequiz.commands.bench import bench
from livequiz.commands.card import card
from livequiz.commands.data import backup, forget, restore
from livequiz.commands.demo import demo, simulate
from livequiz.commands.doctor import doctor
from livequiz.commands.help import KEEPING, QUESTIONS, TEACHING, TRIALS, App
from livequiz.commands.meetings import meetings_app
from livequiz.commands.options import fail
from livequiz.commands.questions import questions_app
from livequiz.commands.results import results
from livequiz.commands.rounds import rounds_app
from livequiz.commands.screens import instructor, projector, student
from livequiz.commands.serve import serve
from livequiz.config import config_defaults
from livequiz.domain.errors import QuizError

app = App(
    name="livequiz",
    help="Live quiz rounds in the terminal: every student gets a different question.",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(questions_app, name="questions", rich_help_panel=QUESTIONS)
app.add_typer(meetings_app, name="meetings", rich_help_panel=KEEPING)
app.add_typer(rounds_app, name="rounds", rich_help_panel=KEEPING)
EXAMPLES: dict[Callable[..., None], tuple[str, str]] = {
    demo: (TEACHING, "[bold]livequiz demo[/bold]"),
    serve: (TEACHING, "[bold]livequiz serve --host 0.0.0.0[/bold] lets a whole classroom join."),
    instructor: (
        TEACHING,
        "[bold]livequiz instructor[/bold] on the server's machine finds the address and the token.",
    ),
    student: (
        TEACHING,
        "[bold]livequiz student http://192.168.1.20:5000 --meeting K7QX4M[/bold]",
    ),
    projector: (TEACHING, "[bold]livequiz projector[/bold] on the server's machine."),
    results: (
        KEEPING,
        "[bold]livequiz results[/bold] lists the meetings; "
        "[bold]livequiz results K7QX4M -o results.html[/bold] writes a report.",
    ),
    card: (
        TEACHING,
        "[bold]livequiz card[/bold] on the server's machine finds the address and the meeting.",
    ),
    doctor: (TEACHING, "[bold]livequiz doctor[/bold] while the server runs."),
    backup: (KEEPING, "[bold]livequiz backup class.zip[/bold]"),
    restore: (KEEPING, "[bold]livequiz restore class.zip --data-dir new-folder[/bold]"),
    forget: (KEEPING, "[bold]livequiz forget S001[/bold]"),
    simulate: (
        TRIALS,
        "[bold]livequiz simulate http://127.0.0.1:5000 --students 50 -m K7QX4M[/bold]",
    ),
    bench: (TRIALS, "[bold]livequiz bench --students 300[/bold]"),
}
BANK_EXAMPLES: dict[Callable[..., None], str] = {  # after those of `commands.questions`
    check: "[bold]livequiz questions check bank.yaml --students 28[/bold]",
    edit: "[bold]livequiz questions edit --topic History[/bold]",
    new: "[bold]livequiz questions new[/bold]",
}
for command, (panel, example) in EXAMPLES.items():
    app.command(epilog=f"Example: {example}", rich_help_panel=panel)(command)
for command, example in BANK_EXAMPLES.items():
    questions_app.command(epilog=f"Example: {example}")(command)


def main() -> None:
    """Run the program; nothing but a sentence reaches the person who typed it."""
    # Collecting garbage while Python exits can follow a dangling pointer in msgspec's types, and
    # end one server in five with a segmentation fault (msgspec issue 717). It skips frozen objects.
    atexit.register(gc.freeze)
    try:
        if "--no-config" in sys.argv:
            sys.argv.remove("--no-config")
        else:
            app.info.context_settings = {
                **(app.info.context_settings or {}),
                "default_map": config_defaults(),
            }
        app()
    except QuizError as error:
        fail(error.message)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  (the last resort: a sentence, not a traceback)
        fail(f"Something went wrong ({type(error).__name__}). {_write_down(error)}")


def _write_down(error: Exception) -> str:
    """Keep a traceback for whoever mends it; return where."""
    import traceback

    import platformdirs

    path = Path(platformdirs.user_log_dir("livequiz")) / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "The details could not be saved."
    return f"Details are in {path}."


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livequiz {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    pass
