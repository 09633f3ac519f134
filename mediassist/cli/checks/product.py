"""What MediAssist brings along: settings, report font, bundles, and the runtime for them."""

from __future__ import annotations

from mediassist.cli.checks.check import Check, Health
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import say


def font_checks() -> list[Check]:
    """The report's font loads; there is no fallback."""
    from mediassist.report.typeface import FONT_FILE, load_font

    subject = say("check_font", "Report font")
    try:
        load_font()
    except MediAssistError as error:
        return [Check(subject, Health.FAULT, str(error), error.advice)]
    return [Check(subject, Health.OK, FONT_FILE.name)]


def bundle_checks() -> list[Check]:
    """Every file of every bundle has its recorded hash."""
    from mediassist.models.registry import GATE_ID, bundle_folders, verify_bundle
    from mediassist.settings import Settings

    root = Settings().bundles_dir
    folders = bundle_folders(root)
    if not folders:
        return [
            Check(
                say("check_bundles", "Bundles"),
                Health.FAULT,
                str(root),
                say(
                    "advice_no_bundle",
                    "Copy the folder model_weights of MediAssist there, or set "
                    "MEDIASSIST_BUNDLES_DIR.",
                ),
            )
        ]
    checks = []
    for name in [*(folder.name for folder in folders), GATE_ID]:
        subject = say("check_bundle", "Bundle {bundle}", bundle=name)
        try:
            verify_bundle(name, root)
        except MediAssistError as error:
            checks.append(Check(subject, Health.FAULT, str(error), error.advice))
        else:
            checks.append(Check(subject, Health.OK, ""))
    return checks


def settings_checks() -> list[Check]:
    """Which settings file counts. That it can be read was found out before doctor began."""
    from mediassist.settings import config_file

    path = config_file()
    found = str(path) if path.is_file() else f"{path} (-)"
    return [Check(say("check_settings", "Settings file"), Health.OK, found)]
