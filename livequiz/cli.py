"""The command line: parses, then imports what the command needs and hands over."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from livequiz import __version__
from livequiz.cli_authoring import check, edit, new
from livequiz.cli_bench import bench
from livequiz.cli_demo import demo, simulate
from livequiz.cli_options import fail
from livequiz.cli_questions import questions_app
from livequiz.cli_screens import instructor, student
from livequiz.cli_serve import serve
from livequiz.config import config_defaults
from livequiz.domain.errors import QuizError

app = typer.Typer(
    name="livequiz",
    help="Live quiz rounds in the terminal: every student gets a different question.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(questions_app, name="questions")
EXAMPLES: dict[Callable[..., None], str] = {  # in the order in which --help lists the commands
    bench: "[bold]livequiz bench --students 300[/bold]",
    serve: "[bold]livequiz serve --host 0.0.0.0[/bold] lets a whole classroom join.",
    student: "[bold]livequiz student http://192.168.1.20:5000 --meeting K7QX4M[/bold]",
    instructor: "[bold]livequiz instructor[/bold] on the host itself finds server and token.",
    demo: "[bold]livequiz demo[/bold]",
    simulate: "[bold]livequiz simulate http://127.0.0.1:5000 --students 50 -m K7QX4M[/bold]",
}
BANK_EXAMPLES: dict[Callable[..., None], str] = {  # after those of `cli_questions`
    check: "[bold]livequiz questions check bank.yaml --students 28[/bold]",
    edit: "[bold]livequiz questions edit --topic History[/bold]",
    new: "[bold]livequiz questions new[/bold]",
}
for commands, examples in ((app, EXAMPLES), (questions_app, BANK_EXAMPLES)):
    for command, example in examples.items():
        commands.command(epilog=f"Example: {example}")(command)


def main() -> None:
    """Run the program; nothing but a sentence reaches the person who typed it."""
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
        fail(f"Something went wrong ({type(error).__name__}); {_write_down(error)}")


def _write_down(error: Exception) -> str:
    """Keep a traceback for whoever mends it; return where."""
    import traceback

    import platformdirs

    path = Path(platformdirs.user_log_dir("livequiz")) / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "and its details could not be written down."
    return f"its details are in {path}."


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
