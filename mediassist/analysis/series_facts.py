"""How a CT or MR series was made, from its header: what series choice decides on.

Tags come first, the technologist's words second: a description says "T1" of a scout too, but no
scout has an inversion time of two seconds. What neither says stays unknown and is not held
against the series.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydicom.dataset import Dataset

from mediassist.core.study import Instance, Series
from mediassist.dicom import values
from mediassist.dicom.functional_groups import functional_group
from mediassist.dicom.header import read_header

FLAIR, T1_CONTRAST, T1, T2, DIFFUSION, OTHER = (
    "FLAIR",
    "T1 after contrast",
    "T1",
    "T2",
    "diffusion",
    "other",
)

_CONTRAST_WORDS = re.compile(
    r"\+\s*(c|gd|km)\b|(?<![a-z])(gd|gad|gado|contrast|postcontrast|post|ce|cemr|km|t1c|t1ce|t1gd"
    r"|mprage_?c|enhanced|enh)(?![a-z])|增强|强化",
    re.IGNORECASE,
)
_NO_CONTRAST_WORDS = re.compile(
    r"(?<![a-z])(no|non|without|w/?o|pre|ohne|sans|nativ[ae]?)[\s_-]*(contrast|gd|km|ce)?(?![a-z])"
    r"|平扫",
    re.IGNORECASE,
)
_ANGIO_WORDS = re.compile(r"(?<![a-z])(cta|angio|perf|perfusion|ctp|venogra)", re.IGNORECASE)
_BONE_WORDS = re.compile(r"(?<![a-z])(bone|knochen|hueso|osseu|sharp|edge)|骨", re.IGNORECASE)
_FLAIR_WORDS = re.compile(r"flair|dark.?fluid|tirm", re.IGNORECASE)
_DIFFUSION_WORDS = re.compile(
    r"(?<![a-z])(dwi|adc|dti|diff|trace|b1000|swi|swan|t2\*|gre|bold|asl|tof|mra|localizer|scout)",
    re.IGNORECASE,
)
_T1_WORDS = re.compile(
    r"(?<![a-z0-9])(t1|mprage|mp-rage|spgr|bravo|fspgr|tfl|vibe|t1w)", re.IGNORECASE
)
_T2_WORDS = re.compile(r"(?<![a-z0-9])(t2|t2w|pd|dp)(?![0-9*])", re.IGNORECASE)
_MADE_OVER = ("MIP", "MPR", "PROJECTION IMAGE", "CSAPARALLEL", "VOLUME RENDERED", "SSD", "MINIP")
# Kernels that draw bone: Siemens from 60 (H60s, Hr64), Toshiba/Canon FC30 and up, GE by name.
_SIEMENS_KERNEL = re.compile(r"^[BHUJQ][a-z]?(\d\d)", re.IGNORECASE)
_TOSHIBA_KERNEL = re.compile(r"^FC(\d\d)", re.IGNORECASE)
_SHARP_KERNELS = ("BONE", "BONEPLUS", "BONEPLUS2", "EDGE", "LUNG", "ULTRA", "E", "D", "YD", "YE")


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """None or "" means that the header does not say.

    Attributes
    ----------
    plane : "axial", "coronal", "sagittal", "oblique".
    contrast : whether a contrast agent was given.
    sequence : of MR, one of the names above.
    bone_kernel : whether the reconstruction was made for bone.
    made_over : a projection or reformat instead of an acquired slice, with its word.
    """

    plane: str = ""
    contrast: bool | None = None
    sequence: str = ""
    bone_kernel: bool = False
    kernel: str = ""
    made_over: str = ""
    thickness_mm: float | None = None
    words: str = ""


def series_facts(series: Series) -> SeriesFacts:
    """Facts of a series, from the header of its middle image."""
    pictures = [instance for instance in series.instances if instance.has_pixels]
    if not pictures:
        return SeriesFacts()
    instance = pictures[len(pictures) // 2]
    dataset = read_header(instance.path).dataset
    words = f"{series.description} {series.protocol}".strip()
    contrast = _contrast(dataset, words)
    kernel = values.text(dataset, "ConvolutionKernel").split("\\")[0].strip()
    return SeriesFacts(
        plane=plane_of(instance.orientation or _shared_orientation(dataset)),
        contrast=contrast,
        sequence=_sequence(dataset, words, contrast) if series.modality == "MR" else "",
        bone_kernel=_is_bone_kernel(kernel) or bool(_BONE_WORDS.search(words)),
        kernel=kernel,
        made_over=_made_over(instance),
        thickness_mm=instance.slice_thickness_mm,
        words=words,
    )


def plane_of(cosines: tuple[float, ...] | None) -> str:
    """Plane of slices by their normal; "oblique" beyond 40 degrees (a tilted head is axial)."""
    if cosines is None:
        return ""
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = (abs(b * f - c * e), abs(c * d - a * f), abs(a * e - b * d))
    for name, share in zip(("sagittal", "coronal", "axial"), normal, strict=True):
        if share >= 0.766:
            return name
    return "oblique"


def _shared_orientation(dataset: Dataset) -> tuple[float, ...] | None:
    group = functional_group(dataset, 0, "PlaneOrientationSequence")
    numbers = () if group is None else values.numbers(group, "ImageOrientationPatient")
    return numbers if len(numbers) == 6 else None


def _contrast(dataset: Dataset, words: str) -> bool | None:
    agent = values.text(dataset, "ContrastBolusAgent").strip()
    if agent:
        return agent.upper() not in ("NO", "NONE", "N", "0", "UNENHANCED", "WITHOUT")
    if _ANGIO_WORDS.search(words):
        return True
    if _NO_CONTRAST_WORDS.search(words):
        return False
    return True if _CONTRAST_WORDS.search(words) else None


def _sequence(dataset: Dataset, words: str, contrast: bool | None) -> str:
    """Weighting of an MR series; times are in ms."""
    if _DIFFUSION_WORDS.search(words):
        return DIFFUSION
    inversion = values.number(dataset, "InversionTime") or 0.0
    repetition = values.number(dataset, "RepetitionTime")
    echo = values.number(dataset, "EchoTime")
    t1 = T1_CONTRAST if contrast else T1
    if _FLAIR_WORDS.search(words) and not (_T1_WORDS.search(words) and inversion < 1500):
        return FLAIR
    if inversion > 1500 and (repetition or 0.0) > 4000:
        return FLAIR
    if _T1_WORDS.search(words):
        return t1
    if _T2_WORDS.search(words):
        return T2
    if repetition is None or echo is None:
        return ""
    if echo < 30 and repetition < 3000:
        return t1
    return T2 if echo >= 60 else OTHER


def _is_bone_kernel(kernel: str) -> bool:
    if kernel.upper() in _SHARP_KERNELS:
        return True
    for pattern, least in ((_SIEMENS_KERNEL, 60), (_TOSHIBA_KERNEL, 30)):
        found = pattern.match(kernel)
        if found:
            number = int(found.group(1))
            return number >= least and not (pattern is _TOSHIBA_KERNEL and number in range(60, 70))
    return False


def _made_over(instance: Instance) -> str:
    return next((part for part in instance.image_type if part.upper().startswith(_MADE_OVER)), "")
