"""A class begins although the rewrite of MongoDB's files fails; a later start completes it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.db.rewriting import plan
from tests.e2e.test_command_line import Server
from tests.patience import patient
from tests.results.test_keeping import NAME, WHO, opened, traces, with_a_lesson


@contextmanager
def full_disk(work: Path) -> Iterator[str]:
    """Put a disk of 300 kB where the new files are written; yield what serve says of it."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "livequiz-test", str(work)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield "the disk is full"
        assert list(work.iterdir()) == []  # a class needs the space
    finally:
        subprocess.run(["umount", "--lazy", work], check=True)


@contextmanager
def file_in_the_way(work: Path) -> Iterator[str]:
    """Put a file where the folder for the new files belongs; yield what serve says of it."""
    work.rmdir()
    work.touch()
    try:
        yield "File exists"
    finally:
        work.unlink()
        work.mkdir()


@pytest.mark.timeout(patient(240))
@pytest.mark.parametrize("obstacle", [full_disk, file_in_the_way])
async def test_a_class_begins_although_what_was_erased_is_still_in_the_files(
    tmp_path: Path, obstacle: Callable[[Path], AbstractContextManager[str]]
) -> None:
    folder = await with_a_lesson(tmp_path / "data")
    plan(folder)
    async with opened(folder) as store:
        await store.erasure.forget(WHO)
    (folder / "livequiz.log").unlink()
    (folder / "audit.log").unlink()
    assert traces(folder, WHO, NAME) != []
    with obstacle(folder / "rewriting") as why:
        server = Server(folder, "--port", "0", "--meeting", "K7QX4M")
        try:
            token = (folder / "instructor-token").read_text().strip()
            teacher = InstructorSession(server.url)
            await teacher.open()
            assert len((await teacher.join("teacher", "K7QX4M", token)).students) == 8
            await teacher.close()
        finally:
            _, said = server.stop()
        assert "What was erased is still in MongoDB's files: " in said
        assert why in said
        assert "Traceback" not in said
        assert traces(folder, WHO, NAME) != []
    _, said = Server(folder, "--port", "0").stop()
    assert "What was erased" not in said
    assert traces(folder, WHO, NAME) == []
    assert not (folder / "rewriting").exists()
