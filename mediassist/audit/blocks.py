"""The whole document in the order of STARD-AI; PDF and page show the same blocks."""

from __future__ import annotations

from mediassist.audit.content import Block
from mediassist.audit.document import AuditRun
from mediassist.audit.finding_section import finding_blocks
from mediassist.audit.methods_section import methods
from mediassist.audit.summary_section import summary
from mediassist.text import Words


def audit_blocks(run: AuditRun, words: Words) -> list[Block]:
    """Summary, each finding (the weakest first), methods."""
    blocks = summary(run, words)
    for one in run.result.findings:
        blocks += finding_blocks(run, one, words)
    return [*blocks, *methods(run, words)]
