"""Make the pictures of the README anew: `python -m tools.screenshots` (docs/screenshots).

Opens the simulated studies in the reading window without a screen, waits until all are analysed,
chooses the pneumonia and takes the picture; then writes its report and draws the first two pages.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
CHOSEN = "LUNG_P"
WAIT_SECONDS = 900
PAGE_SCALE = 1.3  # 94 dots an inch
PAGES = 2


def wait_until(ready: Callable[[], bool]) -> None:
    """Let the window work until `ready`; ends the program when that takes too long."""
    from PySide6.QtWidgets import QApplication

    until = time.monotonic() + WAIT_SECONDS
    while not ready():
        QApplication.processEvents()
        time.sleep(0.02)
        if time.monotonic() > until:
            raise SystemExit("The window did not get ready in time.")


def take_pictures(samples: Path, out: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from mediassist.settings import Settings
    from mediassist.ui.sitting import Sitting
    from mediassist.ui.theme import apply_theme

    application = QApplication([])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as data:
        sitting = Sitting(Settings(data_dir=Path(data), reader="Dr. Example"))
        try:
            _photograph(sitting, samples, out)
        finally:
            sitting.window.close()
            sitting.close()


def _photograph(sitting, samples: Path, out: Path) -> None:
    from PySide6.QtWidgets import QApplication

    from mediassist.dicom import find_studies

    window, worklist = sitting.window, sitting.desk.session.worklist
    window.resize(1440, 900)
    window.show()
    window.open([samples])
    wait_until(lambda: len(worklist) > 0 and not sitting.desk.opening)
    wait_until(lambda: sitting.desk.waiting == 0)
    study = next(iter(find_studies([samples / CHOSEN])))
    window.studies.list.choose(study.study_uid)
    shown = window.viewport.model
    wait_until(lambda: shown.picture is not None or shown.failure is not None)
    for _ in range(50):  # let outline, strip and panel settle
        QApplication.processEvents()
        time.sleep(0.02)
    window.grab().save(str(out / "window.png"))
    report = out / "report.pdf"
    written: list[Path] = []
    sitting.desk.exported.connect(lambda path: written.append(Path(path)))
    sitting.desk.export(study.study_uid, report, "en")
    wait_until(lambda: bool(written))
    _draw_pages(report, out / "report.png")
    report.unlink()


def _draw_pages(report: Path, picture: Path) -> None:
    """The first pages side by side, on grey so that their edges show."""
    import pypdfium2
    from PIL import Image

    with pypdfium2.PdfDocument(report) as document:
        numbers = range(min(PAGES, len(document)))
        pages = [document[number].render(scale=PAGE_SCALE).to_pil() for number in numbers]
    gap = 16
    width = sum(page.width + gap for page in pages) + gap
    sheet = Image.new("RGB", (width, pages[0].height + 2 * gap), (200, 204, 210))
    for number, page in enumerate(pages):
        sheet.paste(page, (gap + number * (page.width + gap), gap))
    sheet.save(picture, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--samples", type=Path, default=REPOSITORY / "sample_studies")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "screenshots")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    options.out.mkdir(parents=True, exist_ok=True)
    take_pictures(options.samples, options.out)


if __name__ == "__main__":
    main()
