"""The card of a bundle that only marks places, made from metadata.json and nothing else."""

from __future__ import annotations

from mediassist.models.training.card import Document, contract_facts, facts_list, joined


def marks_card(document: Document) -> str:
    """docs/README.md; the weakest figure comes first."""
    block = document["mediassist"]
    figures = block["figures"]
    weakest = min(
        (entry for entry in figures["froc"].items() if entry[1]["value"] is not None),
        key=lambda entry: float(entry[1]["value"]),
    )
    parts = [
        f"# {block['title']} (`{block['id']}`, version {document['version']})",
        "**Research use, not for diagnosis.** Made by `mediassist train` from metadata.json; "
        "not written by hand. This bundle marks places and gives no verdict.",
        "## Weakest figures first",
        facts_list(dict([weakest])),
        *[f"- {line}" for line in figures["cautions"]],
        "## Model details",
        facts_list(block["model"]),
        "## Intended use",
        document["intended_use"],
        facts_list(contract_facts(block)),
        "## Evaluation data",
        figures["measured_on"],
        "### Places found against false marks (FROC)",
        facts_list(figures["froc"]),
        "### Boxes and map",
        facts_list(
            {**figures["localisation"], "Pictures that the gate let in": figures["coverage"]}
        ),
        "## Training data",
        *[f"- {line}" for line in block["data"]["sources"]],
        "How truth was established: " + block["data"]["truth"],
        "## Ethical considerations",
        block["data"]["ethics"],
        "## Known failures",
        *[f"- {line}" for line in figures["known_failures"]],
        "## Licence",
        *[f"- {name}: {text}" for name, text in block["licence"].items()],
    ]
    return "\n\n".join(joined(parts)) + "\n"
