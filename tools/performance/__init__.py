"""Audits every installed bundle on the test split of its data and writes docs/performance.md.

    python -m tools.performance --data ../shared/datasets

Each bundle's manifest and its audit (PDF, page, cases) stay in the work folder. The audit goes
the program's one path, from the picture's file to the verdict, as a hospital's audit would.
"""
