"""Real terminals: programs in tmux, keys as a person presses them, the screen as it is read."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.patience import patient

KEYSTROKE = 0.05  # seconds between two characters


class Tmux:
    """A tmux server of its own, so that nothing of the person's own tmux is touched."""

    def __init__(self) -> None:
        self._name = f"livequiz-test-{uuid.uuid4().hex[:8]}"
        self._terminals: list[str] = []
        tmux = shutil.which("tmux")
        assert tmux, "tmux is missing: apt-get install tmux"
        self._tmux = tmux

    def open(
        self,
        command: Sequence[str | Path],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
    ) -> Terminal:
        """Run a command in a new terminal of a size in columns and rows."""
        name = f"t{len(self._terminals)}"
        columns, rows = map(str, size)
        settings = [part for key, value in (env or {}).items() for part in ("-e", f"{key}={value}")]
        self.run(
            # Its line would be taken off a terminal that has just started, and that under load
            # may ask for its size at that moment.
            *("set-option", "-g", "status", "off", ";"),
            *("new-session", "-d", "-s", name, "-x", columns, "-y", rows),
            *settings,
            *map(str, command),
        )
        self.run("set-option", "-t", name, "remain-on-exit", "on")
        self._terminals.append(name)
        return Terminal(self, name)

    def run(self, *arguments: str) -> str:
        """Run a tmux command and return what it prints."""
        done = subprocess.run(
            [self._tmux, "-L", self._name, "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=patient(20),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        """End every terminal."""
        if self._terminals:
            self.run("kill-server")


class Terminal:
    """One terminal with one program in it."""

    def __init__(self, tmux: Tmux, name: str) -> None:
        self._tmux = tmux
        self._name = name

    @property
    def screen(self) -> str:
        """What stands on it now."""
        return self._tmux.run("capture-pane", "-p", "-t", self._name)

    @property
    def ended(self) -> bool:
        """Whether its program has ended."""
        return self._tmux.run("display", "-p", "-t", self._name, "#{pane_dead}").strip() == "1"

    def wait_for_end(self, timeout: float = patient(20)) -> None:
        """Wait until its program has ended."""
        give_up = time.monotonic() + timeout
        while not self.ended:
            assert time.monotonic() < give_up, f"it still runs:\n{self.screen}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys by their tmux names, such as Enter, C-q or a."""
        self._tmux.run("send-keys", "-t", self._name, *keys)

    def press_until(self, key: str, text: str, timeout: float = patient(20)) -> str:
        """Press a key, again after a while, until a text stands on the screen."""
        give_up = time.monotonic() + timeout
        while True:
            self.press(key)
            try:
                return self.wait_for(text, timeout=1)
            except AssertionError:
                if time.monotonic() > give_up:
                    raise

    def type(self, text: str) -> None:
        """Type a text, as fast as a quick typist."""
        for character in text:
            self._tmux.run("send-keys", "-t", self._name, "-l", character)
            time.sleep(KEYSTROKE)

    def wait_for(self, *texts: str, timeout: float = patient(20)) -> str:
        """Wait until all texts stand on the screen; return it."""
        return self.wait_for_match(*map(re.escape, texts), timeout=timeout)

    def wait_for_match(self, *patterns: str, timeout: float = patient(20)) -> str:
        """Wait until all regular expressions are found on the screen; return it."""
        give_up = time.monotonic() + timeout
        while True:
            screen = self.screen
            if all(re.search(pattern, screen) for pattern in patterns):
                return screen
            if time.monotonic() > give_up or self.ended:
                raise AssertionError(f"{patterns} did not appear on:\n{screen}")
            time.sleep(0.05)
