"""The examples in docstrings are correct."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import api
import rehearse

MODULES = sorted(
    module.name
    for package in (api, rehearse)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_correct(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0
