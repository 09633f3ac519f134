"""What every command shares: help, version, languages, errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

import mediassist
from mediassist.batch.pool import WorkersWillNotStart
from mediassist.batch.schema import JobStoreTooNew
from mediassist.cli.door import door
from mediassist.cli.exit_codes import PRECEDENCE, ExitCode, code_of, strongest
from mediassist.cli.terminal import Terminal
from mediassist.core.errors import (
    BundleDamaged,
    BundleMissing,
    FontMissing,
    NoImages,
    OutputNotWritable,
    UnreadableFile,
    WrongUsage,
)
from mediassist.core.messages import say
from tests.cli.command_line import Run, run_process

HEAVY = {"torch", "monai", "pydicom", "numpy", "sqlalchemy", "PySide6", "reportlab", "openvino"}
COMMANDS = ("analyze", "batch", "demo", "gui", "train", "bundles", "audit", "doctor")


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    shown = run_process("--help")
    assert shown.code == 0
    assert all(command in shown.out for command in COMMANDS)
    probe = "import sys, mediassist.cli.app; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    ).stdout.split()
    assert HEAVY.isdisjoint(loaded)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_takes_the_common_options(run: Run, command: str) -> None:
    shown = run(command, *(["list"] if command == "bundles" else []), "--help")
    assert shown.code == 0
    for option in ("--lang", "--json", "--quiet", "--verbose", "--debug"):
        assert option in shown.out


def test_version_is_told_and_wrong_commands_are_corrected(run: Run) -> None:
    assert run("--version").out.strip() == f"MediAssist {mediassist.__version__}"
    wrong = run("analyse")
    assert (wrong.code, "analyze" in wrong.err) == (ExitCode.WRONG_USAGE, True)


def test_options_count_before_and_after_the_command(run: Run) -> None:
    for arguments in (("--json", "bundles", "list"), ("bundles", "list", "--json")):
        assert "folder" in run(*arguments).document


def test_errors_are_worded_in_the_chosen_language_without_a_traceback(run: Run) -> None:
    english, chinese = (
        run("analyze", "没有", "--out", "o"),
        run("analyze", "没有", "--out", "o", "--lang", "zh"),
    )
    assert (english.code, chinese.code) == (2, 2)
    assert "没有 does not exist." in english.err
    assert "没有" in chinese.err and "请检查路径" in chinese.err
    assert "Traceback" not in english.err + chinese.err
    assert english.out == ""
    assert "Traceback" in run("analyze", "没有", "--out", "o", "--debug").err


def test_an_unknown_language_and_broken_settings_are_wrong_usage(
    run: Run, monkeypatch: pytest.MonkeyPatch, clean_environment: Path
) -> None:
    assert run("bundles", "list", "--lang", "fr").code == ExitCode.WRONG_USAGE
    settings = clean_environment / "config" / "mediassist" / "mediassist.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("lang = [", encoding="utf-8")
    broken = run("bundles", "list")
    assert (broken.code, "mediassist.toml" in broken.err) == (ExitCode.WRONG_USAGE, True)


@pytest.mark.expects_log("unexpected error")
def test_an_unexpected_error_is_one_line_that_names_the_log(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(terminal: Terminal) -> ExitCode:
        raise ZeroDivisionError("division\nby zero")

    small = typer.Typer()
    small.command()(door(broken))
    with pytest.raises(SystemExit) as ended:
        small([])
    err = capsys.readouterr().err
    assert ended.value.code == ExitCode.UNEXPECTED
    assert len(err.strip().splitlines()) == 1
    log = Path(err.rsplit("The log is in ", 1)[1].strip().rstrip("."))
    assert "ZeroDivisionError" in log.read_text("utf-8")


def test_ctrl_c_ends_with_130_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(terminal: Terminal) -> ExitCode:
        raise KeyboardInterrupt

    small = typer.Typer()
    small.command()(door(interrupted))
    with pytest.raises(SystemExit) as ended:
        small([])
    assert ended.value.code == ExitCode.INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err


def test_the_strongest_code_wins() -> None:
    assert PRECEDENCE[:6] == (130, 1, 2, 5, 4, 3)
    assert strongest(ExitCode) is ExitCode.INTERRUPTED
    assert strongest([ExitCode.SOME_FAILED, ExitCode.BUNDLE]) is ExitCode.BUNDLE
    assert strongest([]) is ExitCode.DONE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUsage, 2),
        (NoImages, 3),
        (UnreadableFile, 3),
        (BundleMissing, 5),
        (BundleDamaged, 5),
        (FontMissing, 1),
        (WorkersWillNotStart, 1),
        (JobStoreTooNew, 2),
        (OutputNotWritable, 1),
    ],
)
def test_errors_have_their_codes(error: type, code: int) -> None:
    assert code_of(error(say("any", "Any."))) == code


def test_train_refuses_data_that_are_not_there(run: Run) -> None:
    assert run("train", "lung_opacity_xray", "--data", "nowhere").code == ExitCode.WRONG_USAGE


def test_an_interrupt_before_any_command_runs_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mediassist import __main__ as door_of_all
    from mediassist.cli import app as loaded

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loaded, "app", interrupted)
    with pytest.raises(SystemExit) as ended:
        door_of_all.main()
    assert ended.value.code == ExitCode.INTERRUPTED
