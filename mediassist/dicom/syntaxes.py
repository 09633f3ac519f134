"""Transfer syntaxes by what has to be done with their pixels."""

from __future__ import annotations

# GE's private syntax: little-endian header, big-endian pixels.
GE_PRIVATE_BIG_ENDIAN_PIXELS = "1.2.840.113619.5.2"

NATIVE = frozenset(
    {
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.2",
        "1.2.840.10008.1.2.1.99",
        GE_PRIVATE_BIG_ENDIAN_PIXELS,
    }
)

ENCAPSULATED_UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
RLE = "1.2.840.10008.1.2.5"

JPEG = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 53, 55, 57, 70))
JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (80, 81))
HTJ2K_LOSSLESS = frozenset({"1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"})
JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203))
JPEG_XL = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (110, 111, 112))

DECODED = JPEG | JPEG_LS | JPEG_2000 | JPEG_XL | {RLE, ENCAPSULATED_UNCOMPRESSED, DEFLATED_FRAMES}

# Each also as fragmentable (".1").
VIDEO = frozenset(
    f"1.2.840.10008.1.2.4.{number}{ending}" for number in range(100, 109) for ending in ("", ".1")
)

# JPIP: the file holds an address in the place of pixels.
ELSEWHERE = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (94, 95, 204, 205))

LOSSY = frozenset(
    f"1.2.840.10008.1.2.4.{number}"
    for number in (
        50, 51, 53, 55, 81, 91, 100, 101, 102, 103, 104, 105, 106, 107, 108, 111, 112, 203,
    )
)  # fmt: skip

# Names that pydicom 3.0 lacks.
_NAMES = {
    ENCAPSULATED_UNCOMPRESSED: "Encapsulated Uncompressed Explicit VR Little Endian",
    DEFLATED_FRAMES: "Deflated Image Frame Compression",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)",
    "1.2.840.10008.1.2.4.55": "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)",
    "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    GE_PRIVATE_BIG_ENDIAN_PIXELS: "GE private, big-endian pixels",
}


def name(uid: str) -> str:
    """The name of a transfer syntax in the standard, or the UID where there is none."""
    from pydicom.uid import UID

    return _NAMES.get(uid) or UID(uid).name
