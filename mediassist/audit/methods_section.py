"""How the figures were made, with sources, and what they cannot say."""

from __future__ import annotations

from mediassist.audit.content import Block, Heading, NewPage, TableBlock, Text
from mediassist.audit.document import AuditRun
from mediassist.audit.wording import promise_words
from mediassist.text import Words


def methods(run: AuditRun, words: Words) -> list[Block]:
    """Methods, limits and provenance."""
    return [
        NewPage(),
        Heading(words.sentence("Methods"), 1),
        Heading(words.sentence("Intended use")),
        Text(
            words.sentence(
                "An assistant beside the reader, for research and teaching: it points out images "
                "that may show a finding and images on which it sees none. A person reads every "
                "case and decides. The audit asks whether it does so as well as it is said to."
            )
        ),
        Heading(words.sentence("Index test")),
        *_index_test(run, words),
        Heading(words.sentence("Cases and how their truth is known")),
        *_reference(run, words),
        Text(
            words.sentence(
                "How the cases were chosen is not in the table. Rates of 95 / 1 / 5 claim "
                "something of consecutive cases; a set of chosen cases shows sensitivity at "
                "best. Thresholds were set before these cases were seen, unless the check "
                "'Changed after looking' says otherwise; cases that a bundle has learnt from are "
                "left out."
            )
        ),
        Heading(words.sentence("What is counted")),
        Text(
            words.sentence(
                "A study stands where its most alarming image stands. A positive unit stands where "
                "its least alarming positive study stands: one cleared study is a miss, and it is "
                "detected only if every positive study is flagged. A negative unit stands where "
                "its most alarming study stands. The review load is counted by study. Cases are "
                "not applicable or failed where nothing was said about the finding; such cases "
                "are left out first, and then counted as errors: a positive as missed, a negative "
                "as flagged."
            )
        ),
        Heading(words.sentence("Formulas and sources")),
        *(Text(text) for text in _formulas(words)),
        Heading(words.sentence("What this audit cannot say")),
        Text(
            words.sentence(
                "The figures hold for cases like these: the same devices, the same kinds of "
                "patient, the same way of choosing cases and of finding the truth. Predictive "
                "values hold at the prevalence beside them only. Each finding is judged by "
                "itself; with many findings or subgroups, some differences are chance. Who chose "
                "thresholds or cases after seeing results must audit again on new cases."
            )
        ),
        Heading(words.sentence("What an error would do")),
        Text(
            words.sentence(
                "A cleared positive may be read later than it should, or with less care; a flagged "
                "negative takes a reader's time and may lead to needless tests. What is not "
                "flagged stays in the queue and is read as usual: MediAssist takes no case away."
            )
        ),
        Heading(words.sentence("Provenance")),
        _provenance(run, words),
    ]


def _index_test(run: AuditRun, words: Words) -> list[Block]:
    if not run.bundles:
        return [
            Text(
                words.sentence("The scores were made elsewhere and are audited as they were given.")
            )
        ]
    return [
        TableBlock(
            (
                words.sentence("Bundle"),
                words.sentence("Version"),
                words.sentence("Promise of the lower threshold"),
                words.sentence("SHA-256"),
            ),
            tuple(
                (one.id, one.version, promise_words(one.promise, words), one.sha256[:16])
                for one in run.bundles
            ),
            (0.34, 0.12, 0.32, 0.22),
        )
    ]


def _reference(run: AuditRun, words: Words) -> list[Block]:
    reference = run.reference
    if not reference.sources:
        blocks: list[Block] = [
            Text(
                words.sentence(
                    "The table does not say how the truth was established (column reference)."
                )
            )
        ]
    else:
        blocks = [
            TableBlock(
                (words.sentence("Truth established by"), words.sentence("Cases")),
                tuple((name, str(count)) for name, count in reference.sources[:20]),
                (0.7, 0.3),
            )
        ]
    if reference.readers:
        text = words.sentence("Readers named: {readers}.", readers=reference.readers)
        blocks.append(Text(text))
    if reference.first_date:
        text = words.sentence(
            "Images from {first} to {last}.",
            first=reference.first_date,
            last=reference.last_date,
        )
        blocks.append(Text(text))
    return blocks


def _formulas(words: Words) -> list[str]:
    return [
        words.sentence(
            "Rates: exact interval of Clopper and Pearson (Biometrika 26, 1934), quantiles of "
            "Beta(k, n-k+1) and Beta(k+1, n-k); on request Wilson's (JASA 22, 1927). The bound "
            "that decides is the one-sided 95 % limit."
        ),
        words.sentence(
            "Area under the ROC curve: DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988) "
            "on the logit scale; by case with Obuchowski's variance for clusters (Biometrics 53, "
            "1997)."
        ),
        words.sentence(
            "Calibration: Brier score (1950) and expected calibration error over ten bins of "
            "equal mass, intervals by bootstrap over units."
        ),
        words.sentence(
            "Marks against lesions: free-response curve (Chakraborty and Berbaum, Med. Phys. 31, "
            "2004), intervals by drawing patients (Samuelson and Petrick, ISBI 2006)."
        ),
        words.sentence(
            "Subgroups: Pearson's chi-squared test, or its exact form by permutation where an "
            "expected count is below five."
        ),
        words.sentence(
            "Predictive values at a stated prevalence: Bayes' rule with both rates at the "
            "unfavourable end of their 97.5 % intervals."
        ),
        words.sentence(
            "Shortcut check: a logistic regression on file, format and header alone, fitted in "
            "five folds by patient."
        ),
    ]


def _provenance(run: AuditRun, words: Words) -> TableBlock:
    made = run.provenance
    return TableBlock(
        (words.sentence("What"), words.sentence("Value")),
        (
            (words.sentence("Table of cases"), run.source),
            (words.sentence("SHA-256 of the table"), run.source_sha256),
            ("MediAssist", made.mediassist_version),
            (words.sentence("Made at"), made.created.isoformat(timespec="seconds")),
            (words.sentence("Computer"), f"{made.platform}, Python {made.python}"),
            (
                words.sentence("Libraries"),
                ", ".join(f"{name} {version}" for name, version in made.libraries),
            ),
            (
                words.sentence("Bootstrap"),
                words.sentence(
                    "{resamples} draws, seed {seed}",
                    resamples=run.result.options.resamples,
                    seed=run.result.options.seed,
                ),
            ),
        ),
        (0.3, 0.7),
    )
