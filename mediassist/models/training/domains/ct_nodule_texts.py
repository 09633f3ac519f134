"""What the card of lung_nodule_ct says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {}
