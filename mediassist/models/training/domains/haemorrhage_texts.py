"""What the card of brain_intracranial_haemorrhage_ct says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {}
