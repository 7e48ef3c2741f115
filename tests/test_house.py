"""The house: rooms and their order, what notebooks may import, what every part says of itself."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from aice_helpers.analysis import REGISTRY
from aice_helpers.build import pages
from aice_helpers.core.results import CONTRACTS

ROOT = pages.ROOT
PACKAGE = ROOT / "aice_helpers"
MODULES = sorted(path.relative_to(ROOT).with_suffix("") for path in PACKAGE.rglob("*.py"))
OPEN_TO_CHAPTERS = (
    "aice_helpers.analysis",
    "aice_helpers.core.checks",
    "aice_helpers.core.results",
    "aice_helpers.show",
)
OPEN_TO_LESSONS = (*OPEN_TO_CHAPTERS, "aice_helpers.core.intervals", "aice_helpers.course", "aice_helpers.stats")


def test_rooms_import_only_from_the_rooms_before_them():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_what_it_is_for(module):
    name = ".".join(module.parts).removesuffix(".__init__")
    assert importlib.import_module(name).__doc__.strip(), name


@pytest.mark.parametrize("page", pages.notebooks(), ids=str)
def test_notebooks_import_from_the_rooms_that_are_open_to_them(page):
    allowed = OPEN_TO_LESSONS if "methods" in page.parts else OPEN_TO_CHAPTERS
    for cell in nbformat.read(ROOT / page, as_version=4).cells:
        for node in ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else ():
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            own = [name for name in names if name.startswith("aice_helpers")]
            assert all(name.startswith(allowed) for name in own), own


def test_every_result_table_has_a_contract_a_mask_rule_and_a_page():
    shown = "".join(
        cell.source for page in pages.notebooks() for cell in nbformat.read(ROOT / page, as_version=4).cells
    )
    for name, entry in REGISTRY.items():
        assert f'analysis.table("{name}"' in shown, name
        assert entry.patient_level or entry.contract in CONTRACTS, name
        # The ledger compares tables that are masked already; arithmetic reads what is printed and no patient.
        assert entry.mask is not None or name in ("published", "arithmetic", "printed_conventions")
    assert {entry.contract for entry in REGISTRY.values() if not entry.patient_level} == set(CONTRACTS)


def test_the_command_starts_without_the_heavy_packages():
    script = (
        "import sys, aice_helpers.cli; print(sorted({'pandas', 'numpy', 'lifelines', 'sphinx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
