"""Which CT or MR series a bundle reads, and why not the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediassist.analysis.series_choice import Candidate, HeaderChoice
from mediassist.analysis.series_facts import series_facts
from mediassist.analysis.slice_series import SliceChoice, choose_slice_series
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.models.metadata import SeriesRule
from tests.analysis.scan_builder import ct_scan, head, mr_scan

CT_RULE = SeriesRule(contrast=False, thickness_mm=(0.3, 10.0), slab_mm=5.0)
MR_RULE = SeriesRule(sequences=("FLAIR", "T1 after contrast"), thickness_mm=(0.5, 10.0))
SMALL = head(3, 32, 9)


def study_in(folder: Path) -> Study:
    (study,) = find_studies([folder])
    assert isinstance(study, Study)
    return study


def chosen(folder: Path, rule: SeriesRule) -> tuple[list[list[str]], dict[str, str]]:
    """Descriptions of what would be read, in order of preference, and reasons for the rest."""
    study = study_in(folder)
    candidates = [Candidate(s, i) for s in study.series for i in s.instances]
    choice: SliceChoice = choose_slice_series(HeaderChoice(tuple(candidates), ()), rule)
    names = {series.series_uid: series.description for series in study.series}
    groups = [[each.series.description for each in group] for group in choice.groups]
    return groups, {names[uid]: refusal.reason.code for uid, refusal in choice.refusals}


def test_the_soft_kernel_comes_before_the_bone_kernel(chinese_path: Path) -> None:
    ct_scan(chinese_path, SMALL, series="sharp", ConvolutionKernel="H70h")
    ct_scan(chinese_path, SMALL, series="soft", ConvolutionKernel="H31s")
    assert chosen(chinese_path, CT_RULE) == ([["soft", "sharp"]], {})


def test_contrast_localizers_reformats_and_thick_slices_are_refused_by_name(
    chinese_path: Path,
) -> None:
    ct_scan(chinese_path, SMALL, series="plain", ContrastBolusAgent="NONE")
    ct_scan(chinese_path, SMALL, series="agent", ContrastBolusAgent="Iohexol")
    ct_scan(chinese_path, SMALL, series="head 增强")
    ct_scan(chinese_path, SMALL, series="scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    ct_scan(chinese_path, SMALL, series="mip", ImageType=["DERIVED", "SECONDARY", "MIP"])
    ct_scan(chinese_path, SMALL, series="thick", SliceThickness=15)
    ct_scan(chinese_path, SMALL, series="coronal", ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    groups, refused = chosen(chinese_path, CT_RULE)
    assert groups == [["plain"]]
    assert refused == {
        "agent": "series_contrast",
        "head 增强": "series_contrast",
        "scout": "series_localizer",
        "mip": "series_made_over",
        "thick": "series_thickness",
        "coronal": "series_plane",
    }


def test_mr_reads_flair_and_enhanced_t1_and_names_the_other_sequences(chinese_path: Path) -> None:
    values = np.full((3, 32, 32), 100, np.uint16)
    times = {"RepetitionTime": 9000, "EchoTime": 120, "InversionTime": 2500}
    mr_scan(chinese_path, values, series="ax dark fluid", **times)
    mr_scan(chinese_path, values, series="ax 1", **times)
    mr_scan(chinese_path, values, series="T1 SE +C", RepetitionTime=500, EchoTime=10)
    mr_scan(chinese_path, values, series="T1 SE", RepetitionTime=500, EchoTime=10)
    mr_scan(chinese_path, values, series="T2 TSE", RepetitionTime=4000, EchoTime=100)
    mr_scan(chinese_path, values, series="DWI b1000")
    groups, refused = chosen(chinese_path, MR_RULE)
    assert sorted(map(len, groups)) == [1, 2]
    assert ["T1 SE +C"] in groups
    assert refused == dict.fromkeys(("T1 SE", "T2 TSE", "DWI b1000"), "series_sequence")


def test_a_series_of_unknown_sequence_is_read_only_where_no_other_is(chinese_path: Path) -> None:
    values = np.full((3, 32, 32), 100, np.uint16)
    mr_scan(chinese_path, values, series="brain")
    assert chosen(chinese_path, MR_RULE)[0] == [["brain"]]
    mr_scan(chinese_path, values, series="flair")
    assert chosen(chinese_path, MR_RULE)[0] == [["flair", "brain"]]


@pytest.mark.parametrize(
    ("words", "tags", "sequence"),
    [
        ("Sag T1 MPRAGE post Gd", {}, "T1 after contrast"),
        ("T1w", {"ContrastBolusAgent": "Gadovist"}, "T1 after contrast"),
        ("T1 pre contrast", {}, "T1"),
        ("T1 FLAIR", {"InversionTime": 800, "RepetitionTime": 2000, "EchoTime": 10}, "T1"),
        ("t2_tirm_tra_dark-fluid", {}, "FLAIR"),
        ("PosteriorFossa T2", {}, "T2"),
        ("Contrast T2* GRE", {}, "diffusion"),
        ("", {"RepetitionTime": 450, "EchoTime": 12}, "T1"),
        ("", {}, ""),
    ],
)
def test_words_and_times_tell_the_sequence(
    chinese_path: Path, words: str, tags: dict[str, Any], sequence: str
) -> None:
    values = np.full((1, 32, 32), 100, np.uint16)
    mr_scan(chinese_path, values, series=words, **tags)
    (series,) = study_in(chinese_path).series
    assert series_facts(series).sequence == sequence
