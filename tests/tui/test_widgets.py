"""The shared parts of both terminal apps: countdown, connection, options, memory, base."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.widgets import Digits, Static

from livequiz.client import remembered
from livequiz.client.remembered import Remembered
from livequiz.tui.base import BaseApp, plain, plain_text
from livequiz.tui.widgets.answer_options import AnswerOptions, index_of
from livequiz.tui.widgets.confirm import Confirm
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.countdown import Countdown, TimeBar, clock_face
from tests.patience import patient
from tests.tui.at_student import HOSTILE
from tests.tui.looking import StoppedClock, text_of, until, until_shown

OPTIONS = ["London", "Paris", "Berlin", "Madrid"]


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what the apps remember and log out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


class Stage(BaseApp):
    """An app that shows one widget, and notes what it posts."""

    def __init__(self, widget: Widget, clock: StoppedClock | None = None) -> None:
        super().__init__(clock or StoppedClock())
        self.widget = widget
        self.posted: list[str] = []
        self.confirmed: bool | None = None

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_countdown_finished(self) -> None:
        self.posted.append("finished")

    def on_countdown_last_seconds(self) -> None:
        self.posted.append("last seconds")

    def on_answer_options_chosen(self, event: AnswerOptions.Chosen) -> None:
        self.posted.append(f"chosen {event.index}")

    def keep(self, confirmed: bool | None) -> None:
        self.confirmed = confirmed


# --- countdown -------------------------------------------------------------------------------


async def test_the_countdown_computes_from_the_clock_and_loses_nothing_to_late_ticks() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    async with Stage(countdown).run_test():
        countdown.start(remaining=17, duration=30)
        assert "0:17" in text_of(countdown.app)
        clock.now += 10.2  # as if the program had been frozen for that long
        await until_shown(countdown.app, "0:07")


async def test_the_last_seconds_look_different_without_any_colour() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    app = Stage(countdown)
    async with app.run_test():
        countdown.start(remaining=5.5, duration=30)
        assert "!!" not in text_of(app)
        clock.now += 1
        await until_shown(app, "!! 0:05")
        await until(lambda: app.posted == ["last seconds"])


async def test_the_bar_shows_the_share_that_is_left_by_its_shape() -> None:
    countdown = Countdown(clock=StoppedClock())
    async with Stage(countdown).run_test(size=(49, 5)) as pilot:
        countdown.start(remaining=15, duration=30)
        await pilot.pause()
        assert "━" * 20 + "─" * 20 in text_of(countdown.app)


async def test_the_countdown_repaints_only_what_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[type[Widget]] = []
    for kind in (TimeBar, Digits):

        def render(
            self: Any, kind: Any = kind, original: Callable[[Any], Any] = kind.render
        ) -> Any:
            painted.append(kind)
            return original(self)

        monkeypatch.setattr(kind, "render", render)
    clock = StoppedClock()
    countdown = Countdown(large=True, clock=clock)
    async with Stage(countdown).run_test(size=(49, 5)) as pilot:
        countdown.start(remaining=30, duration=30)
        await until(lambda: countdown.query_one(TimeBar).share == 1)
        await pilot.pause()
        for seconds, expected in ((0.0, []), (0.1, []), (1.0, [Digits, TimeBar])):
            painted.clear()
            clock.now += seconds
            for _ in range(5):
                countdown._tick()
            await pilot.pause()
            assert sorted(set(painted), key=lambda kind: kind.__name__) == expected


async def test_the_countdown_says_once_that_it_is_finished() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    app = Stage(countdown)
    async with app.run_test() as pilot:
        countdown.start(remaining=3, duration=30)
        clock.now += 4
        await until(lambda: "finished" in app.posted)
        countdown._tick()  # one that was on its way already
        await pilot.pause()
        assert app.posted.count("finished") == 1
        assert "0:00" in text_of(app)


async def test_an_extension_is_announced_for_two_seconds() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    app = Stage(countdown)
    async with app.run_test():
        countdown.start(remaining=4, duration=30)
        countdown.extend(remaining=34, duration=60, gained=30)
        await until_shown(app, "+30 s more time")
        assert "0:34" in text_of(app)
        clock.now += 2.1
        await until(lambda: "more time" not in text_of(app))


async def test_a_finished_countdown_that_is_extended_finishes_again() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    app = Stage(countdown)
    async with app.run_test():
        countdown.start(remaining=1, duration=30)
        clock.now += 2
        await until(lambda: app.posted.count("finished") == 1)
        countdown.extend(remaining=10, duration=40, gained=10)
        clock.now += 11
        await until(lambda: app.posted.count("finished") == 2)


async def test_a_stopped_countdown_stands_still() -> None:
    clock = StoppedClock()
    countdown = Countdown(clock=clock)
    app = Stage(countdown)
    async with app.run_test() as pilot:
        countdown.start(remaining=20, duration=30)
        countdown.stop()
        clock.now += 30
        countdown._tick()  # one that was on its way already
        await pilot.pause()
        assert "0:20" in text_of(app)
        assert app.posted == []


@pytest.mark.parametrize(("seconds", "face"), [(0, "0:00"), (4.01, "0:05"), (60, "1:00")])
def test_the_clock_face_rounds_up(seconds: float, face: str) -> None:
    assert clock_face(seconds) == face


# --- connection ------------------------------------------------------------------------------


async def test_the_connection_is_told_in_words_with_its_age() -> None:
    clock = StoppedClock()
    bar = TopBar("TEST", clock=clock)
    app = Stage(bar)
    async with app.run_test():
        assert "● connected" in text_of(app)
        bar.offline()
        clock.now += 12
        await until_shown(app, "○ no connection, retrying (12 s)")
        bar.online()
        await until_shown(app, "● connected")


async def test_a_hostile_title_is_only_text() -> None:
    app = Stage(TopBar(HOSTILE, clock=StoppedClock()))
    async with app.run_test():
        assert "[/] [red]x[/red]" in text_of(app)
        assert "\x1b" not in text_of(app)


# --- options ---------------------------------------------------------------------------------


async def test_nothing_is_chosen_at_first() -> None:
    options = AnswerOptions(OPTIONS)
    async with Stage(options).run_test():
        assert options.chosen is None
        assert "❯" not in text_of(options.app)


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["b"], 1),
        (["B"], 1),
        (["4"], 3),
        (["down"], 0),
        (["up"], 3),
        (["down", "down"], 1),
        (["a", "up"], 0),
        (["d", "right"], 3),
        (["d", "down"], 3),
        (["b", "e"], 1),  # there is no option E
        (["c", "0"], 2),
    ],
)
async def test_options_are_chosen_by_letter_digit_and_arrows(keys: list[str], place: int) -> None:
    options = AnswerOptions(OPTIONS)
    async with Stage(options).run_test() as pilot:
        options.focus()
        await pilot.press(*keys)
        assert options.chosen == place
        chosen = next(line for line in text_of(options.app).splitlines() if "❯" in line)
        assert OPTIONS[place] in chosen


async def test_an_option_is_chosen_with_the_mouse() -> None:
    options = AnswerOptions(OPTIONS)
    async with Stage(options).run_test() as pilot:
        await pilot.click(AnswerOptions, offset=(12, 2))
        assert options.chosen == 2


async def test_locked_options_can_not_be_chosen() -> None:
    options = AnswerOptions(OPTIONS)
    async with Stage(options).run_test() as pilot:
        options.focus()
        options.locked = True
        await pilot.press("b", "down", "2")
        await pilot.click("AnswerOption")
        assert options.chosen is None


async def test_a_verdict_marks_the_right_and_the_chosen_option_in_words() -> None:
    options = AnswerOptions(OPTIONS)
    async with Stage(options).run_test() as pilot:
        before = [line.find(" B  ") for line in text_of(options.app).splitlines()]
        options.reveal(right=1, chosen=2)
        await pilot.pause()
        lines = text_of(options.app).splitlines()
        assert "✓ right answer" in _line(lines, "Paris")
        assert "your answer" in _line(lines, "Berlin")
        assert [line.find(" B  ") for line in lines] == before, "an option moved"


async def test_long_and_hostile_options_wrap_and_stay_text() -> None:
    options = AnswerOptions([HOSTILE, "word " * 40])
    app = Stage(options)
    async with app.run_test(size=(40, 20)):
        assert "[red]x[/red]" in text_of(app)
        assert "\x1b" not in text_of(app)
        assert "\x9b" not in text_of(app)
        assert text_of(app).count("word") == 40


@pytest.mark.parametrize(
    ("character", "place"), [("a", 0), ("Z", 25), ("1", 0), ("9", 8), ("0", None), ("é", None)]
)
def test_letters_and_digits_name_places(character: str, place: int | None) -> None:
    assert index_of(character) == place


def _line(lines: list[str], words: str) -> str:
    return next(line for line in lines if words in line)


# --- confirmation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "confirmed"),
    [(["y"], True), (["n"], False), (["escape"], False), (["enter"], False)],
)
async def test_only_a_clear_yes_confirms(keys: list[str], confirmed: bool) -> None:
    app = Stage(Widget())
    async with app.run_test() as pilot:
        await app.push_screen(Confirm(f"Leave {HOSTILE}?"), app.keep)
        await until_shown(app, "[red]x[/red]")
        await pilot.press(*keys)
        assert app.confirmed is confirmed


async def test_the_footer_says_what_the_buttons_say() -> None:
    app = Stage(Widget())
    async with app.run_test() as pilot:
        await app.push_screen(Confirm("Go?", yes="Leave", no="Stay"), app.keep)
        await until_shown(app, "y Leave")
        assert "n Stay" in text_of(app)
        assert " Yes" not in text_of(app)
        await pilot.press("y")
        assert app.confirmed is True


async def test_arrows_reach_the_other_button() -> None:
    app = Stage(Widget())
    async with app.run_test() as pilot:
        await app.push_screen(Confirm("Leave?"), app.keep)
        await pilot.press("right", "enter")
        assert app.confirmed is True


# --- text ------------------------------------------------------------------------------------


def test_text_is_shown_as_it_is_but_never_steers_the_terminal() -> None:
    shown = plain(HOSTILE).plain
    assert shown.startswith("[/] [red]x[/red] [b ")
    assert not set(shown) & set("\x1b\x9b\u202e\u200b")
    assert plain_text("a\nb").plain == "a\ufffdb"


def test_a_program_keeps_its_indentation() -> None:
    assert plain("for x in y:\n    print(x)\n\tend").plain.splitlines() == [
        "for x in y:",
        "\u00a0\u00a0\u00a0\u00a0print(x)",
        "\u00a0\u00a0\u00a0\u00a0end",
    ]


# --- what is remembered ----------------------------------------------------------------------


def test_what_was_remembered_is_there_again(state_folder: Path) -> None:
    def edit(memory: Remembered) -> None:
        memory.name = "Zoë"
        memory.keep_token("http://a:5000", "test", "S1", "secret")

    remembered.change(edit)
    again = remembered.load()
    assert again.name == "Zoë"
    assert again.token("http://A:5000/", "TEST", "S1") == "secret"
    assert again.token("http://a:5000", "TEST", "S2") is None
    assert again.token("http://b:5000", "TEST", "S1") is None
    file = state_folder / "remembered.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert state_folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 3}', "\x00\xff", '{"tokens": [1]}'])
def test_a_broken_file_is_forgotten_and_replaced(state_folder: Path, content: str) -> None:
    state_folder.mkdir()
    (state_folder / "remembered.json").write_text(content)
    assert remembered.load() == Remembered()
    remembered.change(lambda memory: setattr(memory, "name", "Alice"))
    assert json.loads((state_folder / "remembered.json").read_text())["name"] == "Alice"


def test_terminals_of_one_account_do_not_forget_each_others_tokens() -> None:
    def join(number: int) -> None:
        remembered.change(lambda memory: memory.keep_token("http://a", "T", f"S{number}", "t"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(join, range(40)))
    assert len(remembered.load().tokens) == 40


def test_a_folder_that_can_not_be_written_costs_only_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "file" / "below"))
    remembered.change(lambda memory: setattr(memory, "name", "Alice"))
    assert remembered.load() == Remembered()


def test_old_tokens_make_room_for_new_ones() -> None:
    memory = Remembered()
    for number in range(remembered.TOKENS_KEPT + 5):
        memory.keep_token("http://a", "T", f"S{number}", "t")
    assert len(memory.tokens) == remembered.TOKENS_KEPT
    assert memory.token("http://a", "T", "S0") is None
    assert memory.token("http://a", "T", f"S{remembered.TOKENS_KEPT + 4}") == "t"


# --- the app ---------------------------------------------------------------------------------

CRASH = """
from livequiz.tui.base import BaseApp
class Crashing(BaseApp):
    def on_mount(self):
        a_secret_token = "hunter2"
        raise ZeroDivisionError("never seen")
Crashing().run(headless=True)
"""


def test_an_unexpected_error_ends_in_a_sentence_and_is_logged(state_folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CRASH],
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
        env={**os.environ, "LIVEQUIZ_STATE_DIR": str(state_folder), "COLUMNS": "300"},
    )
    shown = ended.stdout + ended.stderr
    assert "LiveQuiz stopped because of a bug" in shown
    assert "Traceback" not in shown
    assert "hunter2" not in shown
    logged = (state_folder / "tui.log").read_text()
    assert "ZeroDivisionError: never seen" in logged
    assert "hunter2" not in logged.replace('a_secret_token = "hunter2"', "")


async def test_what_goes_wrong_while_the_app_ends_is_logged_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Late(Static):
        def on_mount(self) -> None:
            self.app.exit()
            raise NoMatches("what it is made of is gone already")

    app = Stage(Static("behind"))
    async with app.run_test():
        await app.mount(Late())
    assert app.return_code == 0
    assert "The terminal app failed while it was exiting" in caplog.text
    assert "The terminal app crashed" not in caplog.text


async def test_colours_can_be_switched_from_the_command_palette() -> None:
    app = Stage(TopBar("TEST", clock=StoppedClock()))
    async with app.run_test() as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Dark or light", "Keys", "Quit"} <= titles
        app.action_switch_colours()
        await pilot.pause()
        assert app.theme == "livequiz-light"
        app.action_switch_keys()
        await until(lambda: app.screen.query("KeysPanel"))
        app.action_switch_keys()
        await until(lambda: not app.screen.query("KeysPanel"))


async def test_every_widget_also_draws_under_a_theme_that_is_not_ours() -> None:
    app = Stage(AnswerOptions(OPTIONS))
    async with app.run_test() as pilot:
        app.theme = "nord"
        await pilot.pause()
        assert "Paris" in text_of(app)


async def test_keys_that_arrive_together_close_a_screen_once() -> None:
    # A held key, or two in one packet of a slow line, once ended the whole program.
    app = Stage(Static("behind"))
    async with app.run_test() as pilot:
        confirm = Confirm("Leave?")
        await app.push_screen(confirm)
        depth = len(app.screen_stack)
        for _ in range(3):
            confirm.post_message(events.Key("y", "y"))
            confirm.dismiss(True)
        await pilot.pause()
        assert len(app.screen_stack) == depth - 1
        assert app.is_running
