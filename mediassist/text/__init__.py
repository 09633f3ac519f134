"""The one message catalogue (gettext; English and Chinese) for window, PDF, audit and commands."""

from mediassist.text.words import LANGUAGES, Words, language, words

__all__ = ["LANGUAGES", "Words", "language", "words"]
