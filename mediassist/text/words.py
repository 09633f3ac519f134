"""Words things in the reader's language: messages, whole sentences, single terms.

English is the key of every translation (gettext), so a sentence without a translation is shown in
English rather than as a code; a test keeps the Chinese catalogue complete.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from mediassist.core.errors import MediAssistError, WrongUsage
from mediassist.core.messages import Message, Value, say
from mediassist.text.known_texts import REASONS, known_message
from mediassist.text.terms import TERM_CONTEXT, TERMS

DOMAIN = "mediassist"

# What users may write -> the catalogue that answers.
LANGUAGES: dict[str, str] = {
    "en": "en",
    "en_gb": "en",
    "en_us": "en",
    "zh": "zh_CN",
    "zh_cn": "zh_CN",
    "zh_hans": "zh_CN",
    "zh_hans_cn": "zh_CN",
}


def language(lang: str) -> str:
    """Catalogue name, `en` or `zh_CN`, for what a user or a locale calls a language.

    Raises
    ------
    WrongUsage
        If the language has no catalogue.
    """
    plain = lang.split(".")[0].replace("-", "_").lower()
    if plain not in LANGUAGES:
        raise WrongUsage(
            say(
                "language_unknown",
                "The language '{lang}' is not available; choose 'en' or 'zh'.",
                lang=lang,
            )
        )
    return LANGUAGES[plain]


class Words:
    """One language's wording. Make it with `words()`; it never changes afterwards."""

    __slots__ = ("_translations", "lang")

    def __init__(self, lang: str, translations: NullTranslations) -> None:
        self.lang = lang
        self._translations = translations

    def message(self, message: Message) -> str:
        """The message as a sentence; messages inside its values are worded too."""
        values = {
            name: self.known_text(value) if name in REASONS and isinstance(value, str) else value
            for name, value in message.values
        }
        return self.sentence(message.template, **values)

    def known_text(self, text: str) -> str:
        """A text that arrived in English, worded where it is a known one, else as it is."""
        known = known_message(text) if self.lang != "en" else None
        return text if known is None else self.message(known)

    def sentence(self, english: str, /, **fields: Value) -> str:
        """A whole sentence by its English text, with named fields.

        Only the sentence is treated as a pattern: braces inside a field's value stay as they are.
        """
        pattern = self._translations.gettext(english) if english else ""
        return pattern.format(**{name: self._worded(value) for name, value in fields.items()})

    def term(self, key: str) -> str:
        """The word for a key of the closed lists; a key that is not listed comes back unchanged."""
        english = TERMS.get(key)
        if english is None:
            return key
        return self._translations.pgettext(TERM_CONTEXT, english)

    def error(self, error: MediAssistError) -> str:
        """What is wrong and what to do about it."""
        gap = "" if self.lang == "zh_CN" else " "
        return self.message(error.message) + gap + self.message(error.advice)

    def _worded(self, value: Value) -> str | int | float:
        return self.message(value) if isinstance(value, Message) else value


@cache
def _load(lang: str) -> Words:
    if lang == "en":
        return Words(lang, NullTranslations())
    folder = resources.files("mediassist.text").joinpath("locale", lang, "LC_MESSAGES")
    with folder.joinpath(f"{DOMAIN}.mo").open("rb") as stream:
        return Words(lang, GNUTranslations(stream))


def words(lang: str = "en") -> Words:
    """The wording of a language: `en`, `zh`, `zh_CN` or `zh-CN` (any case)."""
    return _load(language(lang))
