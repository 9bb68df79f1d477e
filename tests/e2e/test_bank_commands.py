"""`livequiz questions ...` as a person runs it: real processes, a real database, real editors."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from livequiz.bank.sample_bank import sample
from tests.e2e.test_command_line import Server, assert_is_one_sentence, livequiz

SAMPLES = len(sample())
BANK = """\
- question: "[/b] Which [red]one?"
  options: [a, b]
  correct: 1
  explanation: It is.
- question: No key
  options: [a, b]
  correct: 7
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("bank") / "data", "--port", "0")
    yield server
    server.stop()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.yaml"
    path.write_text(BANK)
    return path


def questions(served: Server, *arguments: str | Path, **env: str) -> tuple[int, str, str]:
    command = ("questions", *arguments, "--data-dir", served.folder)
    done = livequiz(*command, env=env)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def exported(served: Server, tmp_path: Path, name: str = "out.json") -> Path:
    out = tmp_path / name
    code, _, err = questions(served, "export", out, "--force")
    assert code == 0, err
    return out


def editor(tmp_path: Path, code: str) -> str:
    """Return an editor that does to a text `s` what Python code says."""
    path = tmp_path / "editor"
    program = f"import sys\np = sys.argv[1]\ns = open(p).read()\n{code}\nopen(p, 'w').write(s)\n"
    path.write_text(f"#!/usr/bin/env python3\n{program}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_bank_is_imported_with_what_is_wrong_listed_and_goes_out_without_loss(
    served: Server, bank: Path, tmp_path: Path
) -> None:
    code, out, err = questions(served, "import", bank)
    assert code == 1
    assert "[/b] Which" in out
    assert "Added 1 question; 0 already in the bank." in err
    assert f'{bank}:5:3: `correct` is 7, but the options are numbered 0 to 1. ("No key")' in err
    assert "[/b] Which" in questions(served, "list")[1]

    for name in ("out.json", "out.yaml"):
        whole = exported(served, tmp_path, name)
        assert questions(served, "export", whole)[2].endswith(
            "already exists; use --force to overwrite it.\n"
        )
        code, _, err = questions(served, "import", whole)
        assert (code, "Added 0 questions;" in err) == (0, True)


def test_strict_and_dry_run_store_nothing(served: Server, bank: Path, tmp_path: Path) -> None:
    before = exported(served, tmp_path).read_bytes()
    bank.write_text(BANK.replace("[/b] Which [red]one?", "Never stored?"))
    code, out, err = questions(served, "import", "--strict", bank)
    assert (code, "Never stored?" in out) == (1, True)
    assert "Stored nothing: 1 question can't be used; see above." in err
    code, out, err = questions(served, "import", "--dry-run", bank)
    assert (code, "Never stored?" in out) == (1, True)
    assert "1 question can be imported; nothing was stored." in err
    assert exported(served, tmp_path).read_bytes() == before


def test_a_dry_run_counts_a_question_that_is_there_twice_once(tmp_path: Path) -> None:
    bank = tmp_path / "twice.csv"
    bank.write_text("question,option_a,option_b,correct\nTwo?,1,2,B\nOne?,1,2,A\nTwo?,1,2,B\n")
    folder = ("--data-dir", tmp_path / "data")
    told = livequiz("questions", "import", "--dry-run", bank, *folder).stderr
    assert "2 questions can be imported; nothing was stored." in told
    assert f"{bank}:A4: note: This is the same question as {bank}:A2" in told
    assert not (tmp_path / "data").exists()
    done = livequiz("questions", "import", bank, *folder).stderr
    assert "Added 2 questions; 0 already in the bank." in done


def test_a_dry_run_counts_what_the_bank_has_already(served: Server, tmp_path: Path) -> None:
    bank = tmp_path / "half.csv"
    head = "question,option_a,option_b,correct\nIs it known?,1,2,B\n"
    bank.write_text(head)
    assert questions(served, "import", bank)[0] == 0
    bank.write_text(f"{head}Is it new?,1,2,B\n")
    code, _, err = questions(served, "import", "--dry-run", bank)
    assert code == 0
    assert "1 question can be imported, 1 already in the bank; nothing was stored." in err
    assert "Added 1 question; 1 already in the bank." in questions(served, "import", bank)[2]


def test_a_dry_run_counts_what_a_folder_nobody_serves_has_already(tmp_path: Path) -> None:
    folder = ("--data-dir", tmp_path / "data")
    bank = tmp_path / "bank.csv"
    bank.write_text("question,option_a,option_b,correct\nTwo?,1,2,B\n")
    assert livequiz("questions", "import", bank, *folder).returncode == 0
    told = livequiz("questions", "import", "--dry-run", bank, *folder).stderr
    assert "0 questions can be imported, 1 already in the bank; nothing was stored." in told


def test_a_repeat_that_stands_at_the_same_place_is_noted(tmp_path: Path) -> None:
    bank = tmp_path / "once.csv"
    bank.write_text("question,option_a,option_b,correct\nTwo?,1,2,B\n")
    folder = ("--data-dir", tmp_path / "data")
    told = livequiz("questions", "import", "--dry-run", bank, bank, *folder).stderr
    assert "1 question can be imported; nothing was stored." in told
    assert f"{bank}:A2: note: This is the same question as an earlier one in {bank}" in told


def test_an_import_tells_that_the_key_is_always_the_same_letter(tmp_path: Path) -> None:
    path = tmp_path / "always-a.gift"
    path.write_text("\n\n".join(f"Is {n} + 0 = {n}? {{={n} ~{n + 1} ~0}}" for n in range(1, 13)))
    done = livequiz("questions", "import", path, "--dry-run", "--data-dir", tmp_path / "none")
    assert "The key is A in 12 of 12 questions with 3 options: move some, or" in done.stderr


def test_a_strict_dry_run_tells_that_nothing_would_be_stored(tmp_path: Path, bank: Path) -> None:
    folder = ("--data-dir", tmp_path / "data")
    done = livequiz("questions", "import", "--dry-run", "--strict", bank, *folder)
    assert done.returncode == 1
    assert "can be imported" not in done.stderr
    assert "Stored nothing: 1 question can't be used; see above." in done.stderr


def test_questions_work_while_no_server_runs(tmp_path: Path) -> None:
    seeded = livequiz("questions", "seed", "--data-dir", tmp_path / "data")
    assert f"Added {SAMPLES} questions" in seeded.stderr
    listed = livequiz("questions", "list", "--data-dir", tmp_path / "data")
    assert f"{SAMPLES} questions." in listed.stderr


@pytest.mark.parametrize("content", ["", "{}", "[1", "\x00", "[" * 100_000])
def test_a_file_that_is_no_bank_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bank.json"
    path.write_text(content)
    assert_is_one_sentence(livequiz("questions", "import", path, "--data-dir", tmp_path / "data"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "/nonexistent/bank.yaml"), "can't be read: No such file"),
        (("import", os.devnull), "not a question bank in a format"),
        (("import", "--format", "odt", os.devnull), "There is no format odt; choose one of"),
        (("export", "bank.odt"), "Add --format with one of"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = livequiz("questions", *arguments, "--data-dir", tmp_path / "data")
    assert_is_one_sentence(done, words)


def test_a_check_tells_file_line_and_rule(bank: Path) -> None:
    bank.write_text(BANK.replace("  explanation: It is.\n", "").replace("7", "0"))
    done = livequiz("questions", "check", bank)
    assert done.returncode == 1
    assert f"{bank}:1:3: There is no explanation" in done.stdout
    assert '[no-explanation] ("[/b] Which [red]one?")' in done.stdout
    assert "Found 2 problems." in done.stderr
    done = livequiz("questions", "check", bank, "--ignore", "no-explanation")
    assert done.returncode == 0
    assert "No problems found." in done.stderr


def test_the_sample_bank_passes_the_check(served: Server) -> None:
    code, out, err = questions(served, "check", "--students", "10", "--ignore", "no-explanation")
    assert (code, out) == (0, ""), err


def test_new_questions_are_written_in_an_editor(served: Server, tmp_path: Path) -> None:
    program = editor(tmp_path, "s = s.replace('Which planet is the largest?', 'Which is it?')")
    code, _, err = questions(served, "new", EDITOR=program)
    assert (code, "Added 1 question;" in err) == (0, True)
    assert "Which is it?" in exported(served, tmp_path).read_text()
    code, _, err = questions(served, "new", EDITOR="true")
    assert (code, err) == (0, "Nothing was saved, so nothing was added.\n")


def test_an_edit_changes_the_bank_of_a_running_server(served: Server, tmp_path: Path) -> None:
    questions(served, "new", EDITOR=editor(tmp_path, "s = s.replace('Astronomy', 'Edited')"))
    program = editor(tmp_path, "s = s.replace('the largest?', 'the largest of all?')")
    code, _, err = questions(served, "edit", "--topic", "Edited", EDITOR=program)
    assert (code, err) == (0, "Changed 1 question, added 0, removed 0.\n")
    assert "Which planet is the largest of all?" in exported(served, tmp_path).read_text()
    program = editor(tmp_path, "s = s.replace('correct: 1', 'correct: 0')")
    assert questions(served, "edit", "-t", "Edited", EDITOR=program)[2].startswith("Changed 1 ")
    rows = json.loads(exported(served, tmp_path).read_text())
    assert [row["correct"] for row in rows if row.get("topics") == ["Edited"]] == [0]
    program = editor(
        tmp_path, "s = s.replace('  difficulty: easy', '  points: 9\\n  difficulty: easy')"
    )
    assert questions(served, "edit", "-t", "Edited", EDITOR=program)[2].startswith("Changed 1 ")
    rows = json.loads(exported(served, tmp_path).read_text())
    assert [row["points"] for row in rows if row.get("topics") == ["Edited"]] == [9]


def test_what_was_written_with_a_mistake_is_kept(served: Server, tmp_path: Path) -> None:
    program = editor(tmp_path, "s = s.replace('correct: 1', 'correct: 9')")
    code, _, err = questions(served, "new", EDITOR=program)
    assert code == 1
    assert "`correct` is 9, but the options are numbered 0 to 2." in err
    kept = Path(err.rsplit("your text is kept in ", 1)[1].strip().removesuffix("."))
    assert "correct: 9" in kept.read_text()
    kept.unlink()


def test_an_editor_that_is_not_there_is_named(served: Server) -> None:
    code, _, err = questions(served, "new", EDITOR="/nonexistent/editor")
    assert (code, "Set $EDITOR to an editor that is installed" in err) == (1, True)
