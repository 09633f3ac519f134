"""What the card of brain_tumour_mr says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {}
