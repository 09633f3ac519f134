"""The report as its reader meets it: the file is opened, read and looked at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediassist.core.decision import DecisionKind
from mediassist.core.errors import OutputNotWritable, UnreadableFile
from mediassist.core.finding import Refusal
from mediassist.core.messages import say
from mediassist.core.study import Patient
from mediassist.report import write_report
from tests.report.pdf_reading import joined_text, objects_text, page_pixels, page_texts
from tests.report.studies import (
    COLUMNS,
    ROWS,
    bundle,
    chest,
    cleared,
    decision,
    failed,
    flagged,
    heat,
    refused,
    result,
    review,
    study,
)

MIXED = result(flagged(), review(), cleared(), refused(), failed())
LANGUAGES = ("en", "zh")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "检查 报告" / "report.pdf"


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of a study with every verdict, in each language; made once for many readers."""
    folder = tmp_path_factory.mktemp("检查 报告")
    reports = {lang: folder / f"{lang}.pdf" for lang in LANGUAGES}
    for lang, path in reports.items():
        write_report(MIXED, path, lang, load=chest)
    return reports


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_research_use_in_both_languages_and_its_number(
    mixed: dict[str, Path], lang: str
) -> None:
    pages = page_texts(mixed[lang])
    assert len(pages) >= 2
    for number, text in enumerate(pages, start=1):
        assert "Research use, not for diagnosis" in text
        assert "仅供科研教学，不作为临床诊断依据" in text
        said = f"Page {number} of {len(pages)}" if lang == "en" else f"第 {number} 页"
        assert said in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_patient_and_study_stand_at_the_head_and_on_every_later_page(
    mixed: dict[str, Path], lang: str
) -> None:
    first, *later = page_texts(mixed[lang])
    for fact in ("王小明", "P-000123", "A20261122-007", "2026-11-22 09:41", "李医师", "示范医院"):
        assert fact in first
    for page in later:
        assert "王小明" in page
        assert "P-000123" in page


def test_findings_are_named_in_the_readers_language_with_verdict_and_probability(
    mixed: dict[str, Path],
) -> None:
    text = page_texts(mixed["zh"])[0]
    for word in ("肺部阴影 / 肺炎", "已标记", "0.87", "心影增大", "需复核", "0.39", "分析失败"):
        assert word in text
    assert "未见此类异常" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_thresholds_are_explained_with_promise_and_number_of_patients(
    mixed: dict[str, Path], lang: str
) -> None:
    text = joined_text(mixed[lang])
    if lang == "en":
        assert "Of100patientswiththisfinding,thelowerthresholdletsatmost1throughunseen" in text
        assert "95%confidence,on412calibrationpatients" in text
        assert "93.1%(378of406;95%interval90.2to95.4%)" in text
    else:
        assert "每100名有此病变的患者中，至多1名因低于下阈值而漏诊" in text
        assert "检出率：93.1%（378/406；95%置信区间90.2%–95.4%）" in text


def test_what_does_not_apply_is_listed_with_what_was_measured(
    mixed: dict[str, Path],
) -> None:
    text = "\n".join(page_texts(mixed["en"]))
    assert "Not applicable does not mean clear" in text
    assert re.search(r"The study is of modality DX[\s\S]*Glaucoma \(OP\)", text)


def test_the_origin_names_versions_bundle_and_full_hash(mixed: dict[str, Path]) -> None:
    text = joined_text(mixed["en"])
    for fact in ("MediAssist0.1.0", "2026-11-2214:05UTC", "lung_opacity_xray", "3f" * 32):
        assert fact in text
    assert "OpenVINO2025.0CPU" in text


def test_the_readers_newest_decision_is_said_with_name_time_and_reason(target: Path) -> None:
    old = decision(DecisionKind.ACCEPTED, "heart_cardiomegaly_xray")
    new = decision(
        DecisionKind.REJECTED,
        "heart_cardiomegaly_xray",
        at=old.at.replace(hour=16),
        reader="陈医师",
    )
    write_report(MIXED, target, "en", [new, old], load=chest)
    text = joined_text(target)
    assert "Rejectedby陈医师,2026-11-2216:30UTC." in text
    assert "Reason:心影与膈重叠" in text
    assert "Cardiomegaly:notconfirmed,rejectedby陈医师." in text
    assert "张医师" not in text


def test_a_decision_about_another_study_is_not_said(target: Path) -> None:
    other = decision(DecisionKind.ACCEPTED, "lung_opacity_xray", study_uid="9.9")
    write_report(MIXED, target, "en", [other], load=chest)
    assert "张医师" not in joined_text(target)


def test_a_decision_about_another_model_version_says_so(target: Path) -> None:
    stale = decision(DecisionKind.ACCEPTED, "lung_opacity_xray", bundle_sha256="00" * 32)
    write_report(MIXED, target, "en", [stale], load=chest)
    assert "anothermodelversion" in joined_text(target)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_font_is_embedded_as_a_truetype_subset(mixed: dict[str, Path], lang: str) -> None:
    text = objects_text(mixed[lang])
    assert "/FontFile2" in text
    fonts = set(re.findall(r"/BaseFont\s*/(\S+)", text))
    assert fonts
    # Every font used is a subset (six letters and a plus) of the shipped one: nothing is left
    # for the viewer to replace.
    assert all(re.fullmatch(r"[A-Z]{6}\+NotoSansSC-Regular.*", font) for font in fonts)


def test_the_same_result_gives_the_same_bytes(mixed: dict[str, Path], tmp_path: Path) -> None:
    write_report(MIXED, tmp_path / "again.pdf", "zh", load=chest)
    assert (tmp_path / "again.pdf").read_bytes() == mixed["zh"].read_bytes()


def test_the_only_time_in_the_report_is_the_results(mixed: dict[str, Path]) -> None:
    dates = set(re.findall(r"\d{4}-\d{2}-\d{2}", "\n".join(page_texts(mixed["en"]))))
    assert dates == {"2026-11-22", "1961-04-03"}


def test_the_outline_is_drawn_around_the_marked_place(target: Path) -> None:
    """The box (160, 172)-(206, 232) of a 256 x 320 image, found again on the printed page."""

    def even_grey(path: Path, frame: int) -> np.ndarray:
        return np.full((ROWS, COLUMNS), 60, dtype=np.uint8)

    write_report(result(flagged(heat_maps=())), target, "en", load=even_grey)
    pixels = page_pixels(target, 1).astype(int)
    image = np.abs(pixels - 60).max(axis=-1) < 4
    rows, columns = np.nonzero(image)
    left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    inside = pixels[top:bottom, left:right]
    orange = (inside[..., 0] > 200) & (inside[..., 1] < 150) & (inside[..., 2] < 110)
    ys, xs = np.nonzero(orange)
    found = [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
    per_pixel = (right - left) / COLUMNS
    expected = [(edge + 0.5) * per_pixel for edge in (160, 172, 206, 232)]
    assert found == pytest.approx(expected, abs=1.5 * per_pixel)
    # An outline, not a filled box.
    assert not orange[round(202 * per_pixel), round(183 * per_pixel)]


@pytest.mark.parametrize(
    "made",
    [
        result(refused(), refused("cataract"), of=study(patient=Patient())),
        result(of=study(patient=Patient())),
        result(failed()),
        result(flagged(regions=())),
        result(flagged(regions=(), heat_maps=())),
        result(flagged(operating_point=None)),
        result(flagged(bundle=bundle("unknown_finding", "lung", title="A new finding"))),
    ],
    ids=["refused", "nothing asked", "failed", "no region", "bare", "no thresholds", "unlisted"],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_with_little_to_say_still_gets_a_whole_report(
    target: Path, made: object, lang: str
) -> None:
    write_report(made, target, lang, load=chest)  # type: ignore[arg-type]
    text = joined_text(target)
    assert "MediAssist0.1.0" in text
    assert ("Limitsofthesoftware" if lang == "en" else "软件的局限性") in text


def test_a_study_that_nothing_applies_to_says_so_and_never_looks_cleared(target: Path) -> None:
    write_report(result(refused()), target, "en", load=chest)
    text = "\n".join(page_texts(target))
    assert "No installed model applies to this study" in text
    assert "Nothing of this kind seen:" not in text


def test_an_image_that_cannot_be_shown_is_said_with_its_reason(target: Path) -> None:
    def broken(path: Path, frame: int) -> np.ndarray:
        raise UnreadableFile(say("x", "{path} is truncated.", path=str(path)))

    write_report(MIXED, target, "en", load=broken)
    text = joined_text(target)
    assert "Thepicturecannotbeshown" in text
    assert "istruncated." in text


def test_thirty_bundles_fit(target: Path) -> None:
    many = [
        made
        for number in range(10)
        for made in (
            flagged(bundle=bundle("lung_opacity", f"d{number}"), heat_maps=()),
            cleared("fracture", f"b{number}"),
            refused("glaucoma", f"e{number}"),
        )
    ]
    write_report(result(*many), target, "zh", load=chest)
    text = joined_text(target)
    for number in range(10):
        for name in ("d{}_lung_opacity_xray", "b{}_fracture_xray", "e{}_glaucoma_fundus"):
            assert name.format(number) in text


def test_rare_characters_of_names_can_be_read_and_copied(target: Path) -> None:
    """Beyond the Basic Multilingual Plane, in the General Standard Chinese Characters."""
    write_report(result(cleared(), of=study(patient=Patient("1", "李𬱖𬭚"))), target, load=chest)
    assert "李𬱖𬭚" in joined_text(target)


HOSTILE = "<b>&amp;</b><img src='x'/>{0}%s\\n\x00\x1b‮ 𠮷😀ŁﾂA" + "长" * 400 + "w" * 2000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_header_text_is_shown_as_text_and_breaks_nothing(target: Path, lang: str) -> None:
    bad = study(patient=Patient(HOSTILE, HOSTILE, None, HOSTILE, -4.0))
    bad = replace(
        bad,
        description=HOSTILE,
        institution=HOSTILE,
        accession_number=HOSTILE,
        referring_physician=HOSTILE,
        series=(
            replace(
                bad.series[0],
                description=HOSTILE,
                modality=HOSTILE,
                body_part=HOSTILE,
                manufacturer=HOSTILE,
            ),
        ),
    )
    message = say("x", "{it}", it=HOSTILE)
    results = (
        flagged(warnings=(message,)),
        replace(refused(), refusal=Refusal(message, HOSTILE, HOSTILE)),
        replace(failed(), failure=message),
    )
    choice = decision(DecisionKind.REJECTED, "lung_opacity_xray", reader=HOSTILE, reason=HOSTILE)
    write_report(result(*results, of=bad), target, lang, [choice], load=chest)
    text = joined_text(target)
    assert "<b>&amp;</b><imgsrc='x'/>{0}%s\\n" in text
    assert "[U+1F600]" in text
    assert "[U+0141]" in text


def test_a_target_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    blocked = tmp_path / "文件"
    blocked.write_text("in the way")
    with pytest.raises(OutputNotWritable, match="文件"):
        write_report(result(cleared()), blocked / "report.pdf", load=chest)


def test_a_heat_map_of_another_size_than_its_image_is_left_out(target: Path) -> None:
    small = replace(heat(), values=np.ones((4, 4), dtype=np.float32))
    write_report(result(flagged(heat_maps=(small,))), target, "en", load=chest)
    assert "heat map, not verified" not in "\n".join(page_texts(target))


def test_what_failed_stands_in_the_impression_and_awaits_no_decision(target: Path) -> None:
    write_report(result(cleared(), failed()), target, "en")
    text = "\n".join(page_texts(target))
    assert "Scoliosis: could not be assessed; a person must look." in text
    assert text.count("not decided yet") == 1
