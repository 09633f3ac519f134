"""The one look of tables: no frames that a screen reader or a log would spell out."""

from __future__ import annotations

from rich import box
from rich.table import Table


def plain_table(*columns: str, header: bool = True) -> Table:
    """A table with left-aligned columns whose long cells fold instead of being cut."""
    table = Table(
        box=box.SIMPLE_HEAD if header else None,
        show_header=header,
        pad_edge=False,
        show_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
