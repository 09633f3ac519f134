"""The panel at the left: heading with the order, the study list, and what could not be opened."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mediassist.reading.worklist import SortOrder, Worklist
from mediassist.text import Words
from mediassist.ui.buttons import ActionButton
from mediassist.ui.icons import icon
from mediassist.ui.study_list import StudyList


class StudiesPanel(QWidget):
    """Shows a `Worklist`."""

    order_chosen = Signal(object)
    rejected_asked = Signal()

    def __init__(
        self,
        worklist: Worklist,
        words: Words,
        order: SortOrder,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._worklist = worklist
        self._words = words
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(240)
        self.list = StudyList(worklist, words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        heading = QHBoxLayout()
        heading.setContentsMargins(14, 10, 8, 6)
        title = QLabel(words.sentence("Studies"))
        title.setProperty("heading", True)
        self._order = ActionButton()
        self._order.setProperty("quiet", True)
        self._order.clicked.connect(self._switch_order)
        heading.addWidget(title, 1)
        heading.addWidget(self._order)
        column.addLayout(heading)
        column.addWidget(self.list, 1)
        self._rejected = ActionButton(icon("warning", "#ffc83c"), "")
        self._rejected.setProperty("quiet", True)
        self._rejected.setIconSize(QSize(16, 16))
        self._rejected.clicked.connect(self.rejected_asked)
        self._rejected.hide()
        column.addWidget(self._rejected)
        self.set_order(order)

    def set_order(self, order: SortOrder) -> None:
        self.list.worklist_model.order = order
        urgent = order is SortOrder.URGENT_FIRST
        self._order.setText(
            self._words.sentence("Urgent first") if urgent else self._words.sentence("As received")
        )
        self._order.setToolTip(
            self._words.sentence("Order of the list; every study stays in it whatever the order")
        )
        self.list.refresh()

    def refresh(self) -> None:
        self.list.refresh()
        count = len(self._worklist.rejected)
        self._rejected.setVisible(count > 0)
        self._rejected.setText(
            self._words.sentence("Files that could not be opened: {number}", number=count)
        )

    def _switch_order(self) -> None:
        urgent = self.list.worklist_model.order is SortOrder.URGENT_FIRST
        self.order_chosen.emit(SortOrder.AS_RECEIVED if urgent else SortOrder.URGENT_FIRST)
