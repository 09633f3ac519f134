"""JSON Schemas of what MediAssist writes, and how to check a document against one."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load_schema(name: str) -> dict[str, Any]:
    """Schema `name`, for example "findings" or "summary"."""
    text = resources.files(__name__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def validate(document: dict[str, Any], name: str) -> None:
    """Raise `jsonschema.ValidationError` where `document` breaks schema `name`."""
    import jsonschema

    jsonschema.Draft202012Validator(load_schema(name)).validate(document)
