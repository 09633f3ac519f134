"""`mediassist doctor`: what works on this computer, what does not, what to do."""

from __future__ import annotations

from rich.console import Console

from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.messages import say


def doctor(terminal: Terminal) -> ExitCode:
    """Check this computer: libraries, decoders, font, bundles, memory, disk, screen."""
    from mediassist.cli.checks import decoders, machine, product, python_and_libraries
    from mediassist.cli.checks.check import Check, Health
    from mediassist.cli.progress import spinner

    families = (
        python_and_libraries.python_checks,
        python_and_libraries.library_checks,
        decoders.decoder_checks,
        product.font_checks,
        product.bundle_checks,
        product.settings_checks,
        machine.processor_checks,
        machine.memory_checks,
        machine.disk_checks,
        machine.window_checks,
    )
    checks: list[Check] = []
    with spinner(terminal) as now:
        now(terminal.text(say("doctor_looking", "Looking at this computer")))
        for family in families:
            checks += family()
    faults = [check for check in checks if check.health is Health.FAULT]

    def show(console: Console) -> None:
        words = terminal.words
        health = {
            Health.OK: words.sentence("ok"),
            Health.NOTE: words.sentence("note"),
            Health.FAULT: words.sentence("FAULT"),
        }
        table = plain_table("", "", "", header=False)
        for check in checks:
            found = check.found
            if check.advice is not None:
                found = "\n".join(part for part in (found, terminal.text(check.advice)) if part)
            table.add_row(terminal.text(check.subject), health[check.health], found)
        console.print(table)
        console.print(
            terminal.text(
                say("doctor_faults", "Faults found: {count}.", count=len(faults))
                if faults
                else say("doctor_well", "Everything that MediAssist needs works here.")
            )
        )

    terminal.result(
        {
            "checks": [
                {
                    "subject": terminal.text(check.subject),
                    "health": check.health.value,
                    "found": check.found,
                    "advice": terminal.text(check.advice) if check.advice else None,
                }
                for check in checks
            ],
            "faults": len(faults),
        },
        show,
    )
    return ExitCode.SOME_FAILED if faults else ExitCode.DONE
