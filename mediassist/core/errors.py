"""One base error and one class per thing a *user* can do about it.

Core and libraries raise; exactly one place per edge (command line, window, batch journal) catches
`MediAssistError` and words `error.message` and `error.advice` in the user's language.
"""

from __future__ import annotations

from typing import ClassVar

from mediassist.core.messages import Message, Value, say


class MediAssistError(Exception):
    """Base of every error that MediAssist raises on purpose.

    `message` says which file and what is wrong, `advice` what to do. `str()` is English.
    """

    advice: ClassVar[Message] = say(
        "advice_report", "Run again with --debug and report the output."
    )

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message

    def __reduce__(self) -> tuple[type[MediAssistError], tuple[Message]]:
        """Errors cross process borders (guarded decoding, workers): rebuild from the message."""
        return type(self), (self.message,)

    @property
    def values(self) -> dict[str, Value]:
        return dict(self.message.values)


class WrongUsage(MediAssistError):
    """A path that does not exist or an option that makes no sense: exit code 2."""

    advice = say("advice_usage", "Check the path and the options; --help lists them.")


class UnreadableFile(MediAssistError):
    """Not DICOM, truncated, or damaged so that nothing safe can be shown."""

    advice = say("advice_unreadable", "Export the file again from its source and retry.")


class UnsupportedImage(MediAssistError):
    """A sound file whose content or compression MediAssist does not decode."""

    advice = say(
        "advice_unsupported",
        "Convert the file to an uncompressed or lossless transfer syntax at its source.",
    )


class NoStudy(UnsupportedImage):
    """A sound DICOM file that belongs to no patient: a colour palette, a query, a protocol."""

    advice = say("advice_no_study", "Leave the file out: there is no image of a patient in it.")


class IncompleteSeries(MediAssistError):
    """A series that cannot be made a volume: gaps, mixed orientation, irregular spacing."""

    advice = say("advice_incomplete", "Send the complete series again from the PACS.")


class TooFewCases(MediAssistError):
    """Not enough patients to promise anything."""

    advice = say(
        "advice_too_few_cases",
        "Add patients to the manifest; consecutive ones, so that they stand for the site.",
    )


class NoImages(MediAssistError):
    """A folder or archive without any image: exit code 3."""

    advice = say("advice_no_images", "Name a folder that holds DICOM files.")


class LimitExceeded(MediAssistError):
    """A file that would need more time or memory than it may have."""

    advice = say("advice_limit", "Inspect the file; it may be damaged or made to do harm.")


class BundleMissing(MediAssistError):
    """A model bundle that was asked for is not installed: exit code 5."""

    advice = say("advice_bundle_missing", "Run 'mediassist bundles list' to see what is installed.")


class BundleDamaged(MediAssistError):
    """A bundle whose files do not match their recorded hashes or schema: exit code 5."""

    advice = say("advice_bundle_damaged", "Copy the bundle again from its original source.")


class FontMissing(MediAssistError):
    """The report's font cannot be loaded; there is no fallback on purpose."""

    advice = say("advice_font", "Reinstall MediAssist; its report fonts are part of the package.")


class OutputNotWritable(MediAssistError):
    """Results cannot be written where the user asked for them."""

    advice = say(
        "advice_output", "Check free space and permissions, or choose another --out folder."
    )
