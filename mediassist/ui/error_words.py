"""Exceptions in the reader's words, and the details for whoever mends them."""

from __future__ import annotations

import traceback

from mediassist.core.errors import MediAssistError, WrongUsage
from mediassist.core.messages import Message, say
from mediassist.text import Words


def error_words(error: Exception, words: Words) -> str:
    """What is wrong and what to do; no traceback ever reaches a reader."""
    if isinstance(error, WrongUsage):
        # Its advice speaks of the command line's options.
        return words.message(error.message)
    if isinstance(error, MediAssistError):
        return words.error(error)
    return words.sentence(
        "Something unexpected went wrong ({kind}). What you decided is kept.",
        kind=type(error).__name__,
    )


def error_details(error: Exception) -> str:
    """The full story, for the button that copies it."""
    return "".join(traceback.format_exception(error))


def failure_message(error: Exception) -> Message:
    """What to tell about an exception from the background."""
    if isinstance(error, MediAssistError):
        return error.message
    return say(
        "unexpected_error",
        "Unexpected error: {kind}. Please report it.",
        kind=type(error).__name__,
    )
