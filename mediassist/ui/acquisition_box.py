"""The acquisition check above the findings: its outcome in one line, the rules on request."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mediassist.core.acquisition import AcquisitionCheck, Outcome, RuleResult
from mediassist.text import Words
from mediassist.ui import theme
from mediassist.ui.buttons import ActionButton, text_label
from mediassist.ui.icons import icon

_MOST_NAMED = 4


class AcquisitionBox(QWidget):
    """How many rules the images meet, and the failed ones by name: findings on such images deserve
    less trust. Warnings, and what to do, open below.
    """

    def __init__(
        self, check: AcquisitionCheck, words: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._broken = tuple(rule for rule in check.by_rule if rule.outcome is not Outcome.PASS)
        self._details: QWidget | None = None
        self.setProperty("clear", True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 2)
        self._column.setSpacing(5)
        sentence = outcome_sentence(check, words)
        self._column.addWidget(text_label(sentence, "" if self._broken else "dim"))
        if not self._broken:
            return
        failed = [rule for rule in self._broken if rule.outcome is Outcome.FAIL]
        for rule in failed[:_MOST_NAMED]:
            line = words.sentence(
                "{rule} ({comparison})",
                rule=rule_title(rule, words),
                comparison=compared(rule, words),
            )
            self._column.addWidget(text_label(line, "dim"))
        self._button = ActionButton(icon("open_details", theme.ACCENT), words.sentence("Details"))
        self._button.setProperty("quiet", True)
        self._button.setIconSize(QSize(14, 14))
        self._button.setToolTip(words.sentence("Show the rules that the images do not meet"))
        self._button.clicked.connect(self.toggle)
        self._column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)

    def toggle(self) -> None:
        """Show or hide the rules that are not met."""
        if self._details is None:
            self._details = self._rules()
            self._details.hide()
            self._column.addWidget(self._details)
        opened = self._details.isHidden()
        self._details.setVisible(opened)
        name = "close_details" if opened else "open_details"
        self._button.setIcon(icon(name, theme.ACCENT))

    def _rules(self) -> QWidget:
        box = QWidget()
        box.setProperty("clear", True)
        column = QVBoxLayout(box)
        column.setContentsMargins(6, 0, 0, 4)
        column.setSpacing(1)
        for rule in self._broken:
            column.addWidget(text_label(rule_title(rule, self._words)))
            text = text_label(
                f"{compared(rule, self._words)}\n{self._words.message(rule.advice)}", "dim"
            )
            text.setToolTip(rule.source)
            column.addWidget(text)
            column.addSpacing(4)
        return box


def outcome_sentence(check: AcquisitionCheck, words: Words) -> str:
    """The outcome of the check with its counts."""
    rules = check.by_rule
    warned = sum(rule.outcome is Outcome.WARN for rule in rules)
    failed = sum(rule.outcome is Outcome.FAIL for rule in rules)
    if not warned and not failed:
        return words.sentence("Acquisition: all {count} rules met", count=len(rules))
    return words.sentence(
        "Acquisition: {failed} of {count} rules failed, {warned} with a warning",
        count=len(rules),
        warned=warned,
        failed=failed,
    )


def rule_title(rule: RuleResult, words: Words) -> str:
    """The outcome and what the rule asks for."""
    return words.sentence(
        "{outcome}: {rule}",
        outcome=words.term(f"outcome_{rule.outcome.value}"),
        rule=words.message(rule.title),
    )


def compared(rule: RuleResult, words: Words) -> str:
    """Measured and allowed, and on how many images."""
    measured = words.message(rule.measured)
    if rule.breaking and rule.checked > 1:
        measured += f" ({rule.breaking}/{rule.checked})"
    return words.sentence(
        "measured {measured}, allowed {allowed}",
        measured=measured,
        allowed=words.message(rule.allowed),
    )
