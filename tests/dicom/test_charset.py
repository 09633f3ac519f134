"""Text as people should read it (wishes.md, section A)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.study import Study
from mediassist.dicom import decode_text, display_name, find_studies
from tests.dicom.builder import chest_radiograph


def the_study(folder: Path) -> Study:
    (study,) = (found for found in find_studies([folder]) if isinstance(found, Study))
    return study


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        (b"Doe^Jane", [], "Doe^Jane"),
        ("Müller^Jürgen".encode("latin_1"), ["ISO_IR 100"], "Müller^Jürgen"),
        ("Müëller".encode("latin_1"), ["ISO_IR 100"], "Müëller"),
        ("Čapek".encode("iso8859_2"), ["ISO_IR 101"], "Čapek"),
        ("Иванов".encode("iso8859_5"), ["ISO_IR 144"], "Иванов"),
        ("王^小东".encode(), ["ISO_IR 192"], "王^小东"),
        ("王^小东".encode("gb18030"), ["GB18030"], "王^小东"),
        ("𠮷野镕".encode("gb18030"), ["GB18030"], "𠮷野镕"),
        ("王^小东".encode("gbk"), ["GBK"], "王^小东"),
        (
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
            ["", "ISO 2022 IR 87"],
            "Yamada^Tarou=山田^太郎",
        ),
        (
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7",
            ["", "ISO 2022 IR 149"],
            "Hong^Gildong=洪^吉洞",
        ),
        (
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
            ["", "ISO 2022 IR 58"],
            "Zhang^XiaoDong=张^小东=",
        ),
        # The escape sequence once for the whole value, as many writers put it.
        (
            b"\x1b$)CHong^Gildong=\xfb\xf3^\xd1\xce\xd4\xd7=\xc8\xab^\xb1\xe6\xb5\xbf",
            ["", "ISO 2022 IR 149"],
            "Hong^Gildong=洪^吉洞=홍^길동",
        ),
        (
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\xd0\xa1\xb6\xab",
            ["ISO 2022 IR 6", "ISO 2022 IR 58"],
            "Zhang^XiaoDong=张^小东",
        ),
    ],
)
def test_text_in_its_declared_character_set_is_read_without_guessing(
    raw: bytes, declared: list[str], text: str
) -> None:
    decoded = decode_text(raw, declared)
    assert (decoded.text, decoded.guessed) == (text, False)


@pytest.mark.parametrize(
    "spelling",
    ["ISO IR 192", "ISO-IR 192", "iso_ir 192", "UTF8", "UTF-8", "ISO_IR_192", " ISO_IR  192"],
)
def test_misspelt_utf8_is_understood(spelling: str) -> None:
    """pydicom/pynetdicom#201."""
    assert decode_text("患者".encode(), [spelling]).text == "患者"


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("张^伟".encode("gbk"), ["ISO_IR 100"], "张^伟"),
        ("张伟".encode("gbk"), [], "张伟"),
        ("张伟".encode(), ["ISO_IR 100"], "张伟"),
        ("张伟".encode(), [], "张伟"),
        ("测试病人".encode("gb18030"), ["ISO_IR 192"], "测试病人"),
        ("Müller".encode("latin_1"), [], "Müller"),
        ("朱^镕基".encode("gbk"), [], "朱^镕基"),
        ("张伟".encode("gbk"), ["ISO_IR 999"], "张伟"),
        ("Zhang^Wei=张^伟".encode("gbk"), ["ISO_IR 100"], "Zhang^Wei=张^伟"),
    ],
)
def test_text_under_a_wrong_or_missing_character_set_is_guessed_and_says_so(
    raw: bytes, declared: list[str], text: str
) -> None:
    """cornerstonejs/dicomParser#89, pydicom/pydicom#1328."""
    decoded = decode_text(raw, declared)
    assert (decoded.text, decoded.guessed) == (text, True)


@pytest.mark.parametrize(
    "name",
    ["Ångström^Åsa", "Jürgen^Müller", "Çelik^Özgür", "Nuñez^Íñigo", "François^Benoît", "Mª José"]
    + ["Sørensen^Bjørn", "Þórðarson", "Noël^Zoë", "Übüö", "Sueño^«Pepe»", "ÉÉ"],
)
def test_european_names_are_never_taken_for_chinese(name: str) -> None:
    decoded = decode_text(name.encode("latin_1"), ["ISO_IR 100"])
    assert (decoded.text, decoded.guessed) == (name, False)


@pytest.mark.parametrize("declared", [["ISO_IR 100"], []])
@pytest.mark.parametrize(
    "text",
    [
        "张伟",
        "王芳",
        "刘^洋",
        "欧阳^娜娜",
        "头颅平扫",
        "ＣＴ检查",
        "CT平扫+增强",
        "1号床",
        "Zhang^Wei=张^伟",
    ],
)
def test_chinese_in_gbk_is_found_under_latin_1_and_under_nothing(
    text: str, declared: list[str]
) -> None:
    """Short words can be valid UTF-8 by chance, as the four ideographs of a head CT are."""
    assert decode_text(text.encode("gbk"), declared).text == text


@given(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            ["", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "ISO_IR 13", "nonsense"]
            + ["ISO 2022 IR 87", "ISO 2022 IR 58", "ISO 2022 IR 149", "ISO 2022 IR 6"]
        ),
        max_size=3,
    ),
)
def test_no_bytes_under_any_character_set_raise(raw: bytes, declared: list[str]) -> None:
    """bastula/dicompyler#119: one bad name must not stop a folder scan."""
    display_name(decode_text(raw, declared).text)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4))
def test_any_chinese_name_survives_gb18030_and_utf8(name: str) -> None:
    assert decode_text(name.encode("gb18030"), ["GB18030"]).text == name
    assert decode_text(name.encode(), ["ISO_IR 192"]).text == name


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("", ""),
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^Q^Dr^PhD", "Doe, Jane Q, Dr, PhD"),
        ("Doe^^^^", "Doe"),
        ("^Jane", "Jane"),
        ("王^小东", "王小东"),
        ("Wang^XiaoDong=王^小东", "王小东 (Wang, XiaoDong)"),
        ("Wang^XiaoDong=王^小东=", "王小东 (Wang, XiaoDong)"),
        ("=王^小东", "王小东"),
        ("==おう", "おう"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "洪吉洞 (Hong, Gildong)"),
        ("^^^^=^^^^=^^^^", ""),
        ("Doe\0^Ja\u202ene", "Doe, Jane"),
    ],
)
def test_names_are_shown_without_carets_and_with_the_family_name_first(
    stored: str, shown: str
) -> None:
    """commontk/CTK#274, Kitware/VolView#729, OHIF/Viewers#2716."""
    assert display_name(stored) == shown


def test_a_guessed_name_is_marked_in_the_study(chinese_path: Path) -> None:
    chest_radiograph(
        chinese_path / "x.dcm", SpecificCharacterSet="ISO_IR 100", PatientName="张^伟".encode("gbk")
    )
    study = the_study(chinese_path)
    assert (study.patient.name, study.patient.name_guessed) == ("张伟", True)
    assert [warning.code for warning in study.warnings] == ["charset_guessed"]
    assert "ISO_IR 100" in str(study.warnings[0])


@pytest.mark.parametrize(
    ("raw", "declared", "name"),
    [
        ("王小东".encode("gb2312"), ("", "ISO 2022 IR 58"), "王小东"),
        (b"Z=\x1b$)A" + "张".encode("gb2312") + b"=", ("", "ISO 2022 GBK"), "Z=张="),
        ("김희중".encode("euc_kr"), ("ISO_IR 149",), "김희중"),
        ("Иванов".encode("cp1251"), ("windows-1251",), "Иванов"),
        ("陳大文".encode("big5"), ("Big5",), "陳大文"),
        ("陳大文".encode("big5"), (), "陳大文"),
        ("山田^太郎".encode("shift_jis"), (), "山田^太郎"),
        ("Łukasz".encode("iso8859_2"), ("ISO 8859-2",), "Łukasz"),
        ("王小东".encode()[:-1], ("ISO_IR 192",), "王小"),
    ],
)
def test_what_equipment_writes_beside_the_standard_is_understood(
    raw: bytes, declared: tuple[str, ...], name: str
) -> None:
    """Escape sequences that were forgotten, terms that DICOM does not know, names cut by bytes."""
    assert decode_text(raw, declared).text == name


# Names of ordinary people in each language, as a family^given or written together.
NAMES = {
    "gbk": "王^建国 李秀英 张^敏 刘洋 欧阳^修远 诸葛^明 朱^镕基 司马^晓燕 黄^志强 祝^英台",
    "big5": "陳^怡君 林^志豪 黃美惠 蔡^宗翰 劉淑芬 鄭^雅文 張^家豪 許^建宏 謝^淑貞 歐陽^娜娜",
    "euc_kr": "김^민준 이서연 박^지훈 최^수빈 정^현우 강지우 조^은영 윤^도현 장^미란 임^성호",
    "shift_jis": "山田^太郎 佐藤^花子 鈴木^一郎 高橋^健太 渡辺^美咲 ヤマダ^タロウ 小林^さくら",
    "euc_jp": "山田^太郎 佐藤^花子 鈴木^一郎 高橋^健太 渡辺^美咲 ヤマダ^タロウ 小林^さくら",
    "koi8_r": "Иванов^Иван Петрова^Анна Сидоров^Алексей Кузнецова^Ольга СМИРНОВ^ДМИТРИЙ",
    "cp1251": "Иванов^Иван Петрова^Анна Сидоров^Алексей Кузнецова^Ольга СМИРНОВ^ДМИТРИЙ",
    "iso8859_5": "Иванов^Иван Петрова^Анна Сидоров^Алексей Кузнецова^Ольга СМИРНОВ^ДМИТРИЙ",
    "iso8859_7": "Παπαδόπουλος^Γεώργιος Νικολάου^Μαρία Γεωργίου^Ελένη Δημητρίου^Κώστας",
    "iso8859_8": "כהן^דוד לוי^שרה מזרחי^יוסף פרץ^רחל ביטון^משה אברהם^מרים",
    "iso8859_6": "محمد^أحمد العلي^فاطمة الحسن^علي الخطيب^سارة عبدالله^خالد",
    "cp1256": "محمد^أحمد العلي^فاطمة الحسن^علي الخطيب^سارة عبدالله^خالد",
    "tis_620": "สมชาย^ใจดี สุดา^รักไทย ประเสริฐ^แสงทอง วิไล^ศรีสุข นภา^ทองคำ",
    "iso8859_2": "Łukasz^Żółtowski Wałęsa^Władysław Dvořák^Jiří Marković^Šime Žižková^Růžena",
    "cp1250": "Łukasz^Żółtowski Wałęsa^Władysław Dvořák^Jiří Marković^Šime Žižková^Růžena",
}


@pytest.mark.parametrize("declared", [["ISO_IR 100"], []])
@pytest.mark.parametrize("codec", NAMES)
def test_names_of_every_country_are_read_under_latin_1_and_under_nothing(
    codec: str, declared: list[str]
) -> None:
    """`benchmarks/charset_guess.py` measures the same on thousands of names of another origin."""
    names = NAMES[codec].split()
    read = [decode_text(name.encode(codec), declared) for name in names]
    assert [each.text for each in read] == names
    assert all(each.guessed for each in read)


@pytest.mark.parametrize(
    "text",
    ["Thorax à 2 incidences", "Schädel – Übersicht".replace("–", "-"), "Côlon opacifié", "5 mm²"]
    + ["3 cm³ NaCl", "37 °C", "Ø 3 mm", "±2 µm", "Épaule^Hélène", "¿Fractura?", "Señora^Mª del Mar"]
    + ["Þorgeirsson^Sigríður", "São^João", "Bøe^Åse", "Maître d'œuvre".replace("œ", "oe"), "Áé"]
    + ["Jos\xa0Garc\xeda", "Mìcheal", "Renée^Zoé", "Größe 1,80 m", "Günther^Jörg", "¡Olé!"],
)
def test_western_words_stay_latin_1(text: str) -> None:
    decoded = decode_text(text.encode("latin_1"), ["ISO_IR 100"])
    assert (decoded.text, decoded.guessed) == (text, False)


@pytest.mark.parametrize(
    "text",
    [
        "胸部正位片",
        "头颅CT平扫",
        "腹部增强扫描",
        "左膝关节侧位",
        "放射科",
        "第3次复查",
        "冠状动脉造影",
    ]
    + ["眼底照相（右）", "乳腺钼靶^双侧", "急诊", "门诊-内科", "协和医院"],
)
@pytest.mark.parametrize("declared", [["ISO_IR 100"], []])
def test_chinese_descriptions_are_read_too(text: str, declared: list[str]) -> None:
    assert decode_text(text.encode("gbk"), declared).text == text


@pytest.mark.parametrize(
    ("text", "codec", "term"),
    [("김^민준", "euc_kr", "149"), ("山田^太郎", "euc_jp", "87"), ("王^小东", "gb2312", "58")],
)
def test_forgotten_escape_sequences_are_made_up_for(text: str, codec: str, term: str) -> None:
    decoded = decode_text(text.encode(codec), ["", f"ISO 2022 IR {term}"])
    assert (decoded.text, decoded.guessed) == (text, True)
