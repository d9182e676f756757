"""Who may import whom: import-linter's contracts, and what they cannot say."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT, WEBAPP, areas, imported, modules, name_of, role


def test_the_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_domain_is_the_standard_library_and_plain_modules_of_the_core() -> None:
    for area in areas():
        earlier = {f"webapp.{name}.domain" for name in areas()[: areas().index(area)]}
        names = ("errors", "clock", "deeds", "looks", "spelling", "phones", "tables", "timing")
        core = {f"webapp.core.{name}" for name in names}
        allowed = core | {f"webapp.{area}.domain", *earlier}
        for path in modules(WEBAPP / area):
            if role(path) != "domain":
                continue
            for name in imported(path):
                plain = name.split(".")[0] in sys.stdlib_module_names
                known = any(name == good or name.startswith(good + ".") for good in allowed)
                from_package = name in {"webapp.core.clock", *(f"webapp.{one}.domain" for one in areas())}
                assert plain or known or from_package, f"{name_of(path)} imports {name}"


def test_views_of_an_area_do_not_know_those_of_another() -> None:
    for area in areas():
        for path in modules(WEBAPP / area):
            for name in imported(path):
                parts = name.split(".")
                foreign = parts[0] == "webapp" and len(parts) > 2 and parts[1] not in {area, "core"}
                assert not (foreign and parts[2] in {"views", "forms", "cli"}), (
                    f"{name_of(path)} imports {name}"
                )


def test_models_know_no_use_cases() -> None:
    for area in areas():
        for path in modules(WEBAPP / area):
            if role(path) == "models":
                wrong = [
                    name
                    for name in imported(path)
                    if name.split(".")[-2:][0] in {"service", "queries", "views"}
                ]
                assert not wrong, f"{name_of(path)} imports {wrong}"
