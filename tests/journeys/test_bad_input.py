"""What a hospital's folder really holds: the sound studies come out, the rest is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mediassist.cli.exit_codes import ExitCode
from mediassist.models.bundle import WEIGHTS
from tests.cli.command_line import run_process, silent_bundle
from tests.dicom.builder import chest_radiograph, ultrasound


@pytest.mark.slow
def test_a_mixed_folder_gives_every_sound_study_and_names_the_rest(chinese_path: Path) -> None:
    silent_bundle(chinese_path / "bundles")
    folder = chinese_path / "光盘 disc"
    sound = chest_radiograph(folder / "好的" / "IM1", seed="sound")
    ultrasound(folder / "超声" / "IM1", seed="nothing applies")
    damaged = chest_radiograph(folder / "坏的" / "IM1", seed="damaged")
    damaged.write_bytes(damaged.read_bytes()[:-3000])
    (folder / "说明.txt").write_text("see the doctor", encoding="utf-8")
    (folder / "short").write_bytes(sound.read_bytes()[:300])
    (folder / "archive.zip").write_bytes(b"PK\x03\x04 not really")

    for command in ("analyze", "batch"):
        out = chinese_path / f"out {command}"
        ran = run_process(command, folder, "--out", out, environment=_bundles(chinese_path))
        assert ran.code == ExitCode.SOME_FAILED, ran.err
        assert "Traceback" not in ran.err
        summary = json.loads((out / "summary.json").read_text("utf-8"))
        rejected = {Path(one["path"]).name for one in summary["rejected"]}
        assert rejected >= {"说明.txt", "short", "archive.zip"}
        assert len(summary["studies"]) >= 2
        for entry in summary["studies"]:
            if entry["verdict"] != "failed":
                assert (out / entry["study"] / "report.pdf").is_file()


@pytest.mark.slow
def test_altered_weights_are_refused_and_the_study_still_gets_its_report(
    chinese_path: Path,
) -> None:
    silent_bundle(chinese_path / "bundles", modality="DX", bundle_id="lung_opacity_xray")
    weights = chinese_path / "bundles" / "lung_opacity_xray" / WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    chest_radiograph(chinese_path / "in" / "IM1")
    for command in ("analyze", "batch"):
        out = chinese_path / f"out {command}"
        ran = run_process(
            command, chinese_path / "in", "--out", out, environment=_bundles(chinese_path)
        )
        assert ran.code == ExitCode.BUNDLE, ran.err
        assert "model.safetensors" in ran.err
        [entry] = json.loads((out / "summary.json").read_text("utf-8"))["studies"]
        assert entry["findings"][0]["verdict"] == "failed"
        assert (out / entry["study"] / "report.pdf").is_file()


def _bundles(root: Path) -> dict[str, str]:
    return {"MEDIASSIST_BUNDLES_DIR": str(root / "bundles")}
