"""The leaderboard, for the teacher alone until they show it to the class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.client.leaderboard_wording import move_sign
from livequiz.domain.errors import QuizError
from livequiz.domain.leaderboard import Standing, standings
from livequiz.domain.model import NamesAs
from livequiz.tui.base import Dialog, plain, say, with_id
from livequiz.tui.instructor.board import Board
from livequiz.tui.widgets.choice import Choice
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.list_chooser import Chooser

TOPS = (3, 5, 10, 20, 50)
NAMES = {
    NamesAs.NAMES: "names",
    NamesAs.INITIALS: "initials",
    NamesAs.NICKNAMES: "made-up nicknames",
}
HIDDEN = "Only you see this. If you show it, the class sees it until the next round."
OPEN = "A round is open. You can show the leaderboard to the class when it is over."
NOBODY = "Nobody has had a question yet."

Show = Callable[[bool, int, NamesAs], Awaitable[object]]  # (whether, number of places, names)
LOOK = 0.5  # seconds between looks at what has changed


class LeaderboardScreen(Dialog[None]):
    """Ranks everybody by points.

    Args:
        board: The state of the meeting.
        show: Shows the leaderboard to the class, or takes it away; raises a `QuizError` if that
            can't be done.
    """

    CSS_PATH = "leaderboard.tcss"
    AUTO_FOCUS = "Chooser"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "Show the class", key_display="Enter", priority=True),
        Binding("h", "hide", "Hide"),
        Binding("tab", "app.focus_next", "Next field", key_display="Tab"),
        Binding("escape,o", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, board: Board, show: Show) -> None:
        super().__init__()
        self._board = board
        self._show = show
        self._places: dict[str, Standing] = {}
        self._names: dict[str, str] = {}
        self._refused = ""  # why the class does not see what the teacher wanted to show

    def compose(self) -> ComposeResult:
        shown = self._board.leaderboard
        top, names = (shown.top, shown.names) if shown else (5, NamesAs.NAMES)
        with Vertical(id="box", classes="-form"):
            yield Static("Leaderboard", id="title", markup=False)
            yield Chooser()
            with Horizontal(classes="row"):
                yield Static("The class sees", classes="label", markup=False)
                tops = sorted({*TOPS, top} - {0})  # another program may have chosen one of its own
                places = [(f"the first {number}", number) for number in tops]
                yield Choice(places, "each student's own place", top or None, "top")
                yield Static("with", classes="second", markup=False)
                yield Choice(
                    [(words, key) for key, words in NAMES.items()], "names", names, "names"
                )
            yield Static("", id="state", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Chooser).say_instead(plain(NOBODY))
        self._renew()
        self.set_interval(LOOK, self._renew)

    def _renew(self) -> None:
        """Show the current points, and whether the class sees them."""
        if self.dismissed:
            return
        places = {place.student_id: place for place in ranked(self._board)}
        names = {student_id: self._board.people[student_id].name for student_id in places}
        if (places, names) != (self._places, self._names) or not places:
            self._places, self._names = places, names
            self.query_one(Chooser).show(list(places), self._line)
        say(self.query_one("#state", Static), self._refused or self._state)
        self.refresh_bindings()

    @property
    def _state(self) -> str:
        shown = self._board.leaderboard
        if self._board.open:
            return OPEN
        if shown is None or not self._is_shown:
            return HIDDEN
        names = f"with {NAMES[shown.names]}. Press h to hide it."
        if not shown.top:
            return f"Each student sees their own place and the two beside it, {names}"
        return f"The class sees the first {shown.top} places, {names}"

    @property
    def _is_shown(self) -> bool:
        shown, quiz = self._board.leaderboard, self._board.round
        return bool(shown and quiz and shown.round_id == quiz.round_id)

    def _line(self, student_id: str, room: int) -> Content:
        place = self._places[student_id]
        before = f"{place.rank:>4}  {move_sign(place.move):<5} "
        points = f"{place.points:>8g}"
        name = with_id(self._names[student_id], student_id)
        space = max(8, room - len(before) - len(points) - 1)
        return Content.assemble(
            before, name.truncate(space, ellipsis=True, pad=True), (points, "bold"), " "
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "show":  # Enter opens a list of choices, too
            focused = self.focused
            in_list = focused is not None and any(
                isinstance(node, Choice) for node in focused.ancestors_with_self
            )
            return not in_list and not self._board.open
        return self._is_shown if action == "hide" else True

    def action_show(self) -> None:
        top = self.query_one("#top", Choice).selection or 0
        names = self.query_one("#names", Choice).selection or NamesAs.NAMES
        self._ask(self._show(True, top, names))

    def action_hide(self) -> None:
        shown = self._board.leaderboard
        if shown is not None:
            self._ask(self._show(False, shown.top, shown.names))

    def _ask(self, showing: Awaitable[object]) -> None:
        """Say in this dialog why it is refused: the dashboard's own line may be covered."""

        async def ask() -> None:
            try:
                await showing
            except QuizError as error:
                self._refused = error.message
            self._renew()

        self._refused = ""
        self.run_worker(ask(), "ask", "ask")


def ranked(board: Board) -> list[Standing]:
    """Return the places of everybody who has had a question and is not banned."""
    people = sorted(
        (person for person in board.people.values() if person.progress.asked and not person.banned),
        key=lambda person: person.name.casefold(),
    )
    points = {person.student_id: person.points for person in people}
    before = {
        person.student_id: round(person.points - _newest(board, person.student_id), 2)
        for person in people
        if person.progress.asked > (person.student_id in board.rows)
    }
    return standings(points, before)


def _newest(board: Board, student_id: str) -> float:
    row = board.rows.get(student_id)
    return row.points or 0 if row is not None else 0
