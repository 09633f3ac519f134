"""How often a name in an undeclared or wrongly declared character set is read right.

    pip install faker        # MIT; names that nothing here was made from
    python -m benchmarks.charset_guess --names 300 --seed 77

For each language and character set: the share of names (with at least one letter that is not
ASCII) that `decode_text` reads right where (0008,0005) says ISO_IR 100, and where it is missing.
`--against` also prints what chardet and charset-normalizer read, where they are installed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable

from mediassist.dicom import decode_text

# Faker's locale -> character sets that its hospitals wrote before UTF-8.
CODECS = {
    "zh_CN": ("gbk",),
    "zh_TW": ("big5",),
    "ja_JP": ("shift_jis", "euc_jp"),
    "ko_KR": ("euc_kr",),
    "ru_RU": ("koi8_r", "cp1251", "iso8859_5"),
    "uk_UA": ("cp1251",),
    "th_TH": ("tis_620",),
    "el_GR": ("iso8859_7",),
    "he_IL": ("iso8859_8",),
    "ar_SA": ("iso8859_6", "cp1256"),
    "pl_PL": ("iso8859_2", "cp1250"),
    "cs_CZ": ("iso8859_2", "cp1250"),
    "hu_HU": ("iso8859_2",),
    "hr_HR": ("iso8859_2",),
    "ro_RO": ("iso8859_2",),
    "tr_TR": ("iso8859_9",),
    **{
        locale: ("latin_1",)
        for locale in (
            *("de_DE", "fr_FR", "es_ES", "pt_BR", "it_IT", "nl_NL", "sv_SE", "da_DK", "no_NO"),
            "fi_FI",
        )
    },
}
_IDEOGRAPHIC = ("zh", "ja", "ko")
_UPPER_CASE_EVERY = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", type=int, default=300, help="a language")
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--against", action="store_true", help="other detectors as well")
    arguments = parser.parse_args()
    try:
        import faker  # type: ignore[import-not-found]
    except ImportError:
        print("This benchmark draws its names from Faker: pip install faker", file=sys.stderr)
        return 2
    readers: dict[str, Callable[[bytes], str]] = {
        "ISO_IR 100": lambda raw: decode_text(raw, ("ISO_IR 100",)).text,
        "missing": lambda raw: decode_text(raw).text,
        **(other_readers() if arguments.against else {}),
    }
    print(f"{'':18}{'names':>6}" + "".join(f"{name:>20}" for name in readers))
    started = time.process_time()
    for locale, codecs in CODECS.items():
        source = faker.Faker(locale)
        source.seed_instance(arguments.seed)
        drawn = sorted(names(source, locale, codecs, arguments.names))
        for codec in codecs:
            shares = [share(drawn, codec, read) for read in readers.values()]
            cells = "".join(f"{100 * right:>19.1f}%" for right in shares)
            print(f"{locale:7}{codec:11}{len(drawn):>6}{cells}", flush=True)
    print(f"{time.process_time() - started:.1f} s of processor time")
    return 0


def names(source: object, locale: str, codecs: Iterable[str], wanted: int) -> set[str]:
    """Different names that each of the codecs can write, as family^given or written together."""
    dice = random.Random(locale)  # noqa: S311  (no secret)
    found: set[str] = set()
    for turn in range(50 * wanted):
        family, given = source.last_name(), source.first_name()  # type: ignore[attr-defined]
        joint = "" if locale[:2] in _IDEOGRAPHIC else " "
        name = dice.choice((f"{family}^{given}", f"{family}^{given}", f"{family}{joint}{given}"))
        if locale == "ru_RU" and turn % _UPPER_CASE_EVERY == 0:
            name = name.upper()
        if not name.isascii() and all(can_write(codec, name) for codec in codecs):
            found.add(name)
        if len(found) == wanted:
            break
    return found


def can_write(codec: str, name: str) -> bool:
    try:
        name.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def share(drawn: list[str], codec: str, read: Callable[[bytes], str]) -> float:
    """Share of names that are read right."""
    return sum(read(name.encode(codec)) == name for name in drawn) / max(1, len(drawn))


def other_readers() -> dict[str, Callable[[bytes], str]]:
    found: dict[str, Callable[[bytes], str]] = {}
    try:
        import chardet

        def by_chardet(raw: bytes) -> str:
            return raw.decode(chardet.detect(raw)["encoding"] or "latin_1", errors="replace")

        found["chardet"] = by_chardet
    except ImportError:
        pass
    try:
        from charset_normalizer import from_bytes

        found["charset-normalizer"] = lambda raw: str(from_bytes(raw).best() or "")
    except ImportError:
        pass
    return found


if __name__ == "__main__":
    sys.exit(main())
