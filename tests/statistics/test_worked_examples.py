"""Every worked example in a docstring is true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import mediassist.statistics

MODULES = [found.name for found in pkgutil.iter_modules(mediassist.statistics.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_worked_examples_of_this_module_are_true(name: str) -> None:
    module = importlib.import_module(f"mediassist.statistics.{name}")
    result = doctest.testmod(module)
    assert result.failed == 0
