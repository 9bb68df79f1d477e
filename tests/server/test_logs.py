"""What a server writes into its log, and what the person beside it reads."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from livequiz.server.host.log_setup import LogFile, logging_to

MONGOD = logging.getLogger("livequiz.db.mongod.supervision")
OTHER = logging.getLogger("livequiz.server.quiz.rounds")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with logging_to(tmp_path / "log"):
        yield tmp_path / "log"


def test_the_log_is_for_its_owner_and_holds_everything(file: Path) -> None:
    OTHER.info("a round began")
    MONGOD.warning("MongoDB is running again")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line.split(": ")[1] for line in file.read_text().splitlines()] == [
        "a round began",
        "MongoDB is running again",
    ]


def test_the_host_reads_what_only_the_host_can_mend_once(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    OTHER.error("a student sent nonsense")
    MONGOD.info("started")
    for _ in range(3):
        MONGOD.error("not started again: %s", "the disk is full")
    MONGOD.warning("MongoDB is running again")
    assert (
        capsys.readouterr().err == "not started again: the disk is full\nMongoDB is running again\n"
    )
    assert file.read_text().count("the disk is full") == 3


def test_a_full_disk_costs_lines_of_the_log_and_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = LogFile("/dev/full")
    logger = logging.Logger("on a full disk")
    logger.addHandler(handler)
    for _ in range(3):
        logger.error("something")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("The log can't be written")
    assert "No space left" in said


def test_logging_is_as_it_was_when_the_server_has_stopped(tmp_path: Path) -> None:
    root = logging.getLogger("livequiz")
    before = root.level, root.propagate, list(root.handlers)
    with logging_to(tmp_path / "log"):
        assert (root.level, root.propagate, list(root.handlers)) != before
    assert (root.level, root.propagate, list(root.handlers)) == before
