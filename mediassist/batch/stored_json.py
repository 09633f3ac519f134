"""Messages and outcomes as JSON, unworded, so that any language can show them later."""

from __future__ import annotations

import json
from typing import Any

from mediassist.batch.jobs import RefusedFile, StudyOutcome
from mediassist.core.messages import Message, Value


def message_to_text(message: Message) -> str:
    return json.dumps(message_to_plain(message), ensure_ascii=False)


def message_from_text(text: str) -> Message:
    return message_from_plain(json.loads(text))


def message_to_plain(message: Message) -> dict[str, Any]:
    """The message as JSON content: code, template, values."""
    values = [
        [name, message_to_plain(value) if isinstance(value, Message) else value]
        for name, value in message.values
    ]
    return {"code": message.code, "template": message.template, "values": values}


def message_from_plain(content: dict[str, Any]) -> Message:
    values: list[tuple[str, Value]] = [
        (name, message_from_plain(value) if isinstance(value, dict) else value)
        for name, value in content["values"]
    ]
    return Message(content["code"], content["template"], tuple(values))


def refusal_to_plain(refused: RefusedFile) -> dict[str, Any]:
    """Reason and advice of a refused file; stores without advice were written by older versions."""
    advice = message_to_plain(refused.advice) if refused.advice else None
    return {**message_to_plain(refused.reason), "advice": advice}


def refusal_from_plain(source: str, content: dict[str, Any]) -> RefusedFile:
    advice = content.get("advice")
    return RefusedFile(
        source, message_from_plain(content), message_from_plain(advice) if advice else None
    )


def outcome_to_plain(outcome: StudyOutcome) -> dict[str, Any]:
    return {
        "entry": outcome.entry,
        "failed": outcome.failed,
        "rejected": [[one.source, refusal_to_plain(one)] for one in outcome.rejected],
    }


def outcome_from_plain(content: dict[str, Any]) -> StudyOutcome:
    return StudyOutcome(
        entry=content["entry"],
        failed=content["failed"],
        rejected=tuple(refusal_from_plain(source, said) for source, said in content["rejected"]),
    )
