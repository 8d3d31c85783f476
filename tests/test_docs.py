"""The docs tell the truth: their code runs, their links lead somewhere, and pages made from code are up to date."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.mark import ParameterSet

from tocsin.core.discover import names
from tocsin.core.verdicts import Status
from tocsin.training.simulate.environment import Environment

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
SMALL = ("--rows 6558", "--rows 500")
"""What the docs simulate, and what is enough to see that a command runs."""
LONG = {
    *(
        "alarms",
        "budget",
        "columns",
        "compare",
        "distill",
        "evaluate",
        "explain",
        "export",
        "features",
        "incidents",
        "labels",
        "recalibrate",
        "rehearse",
    ),
    *("footprint", "int8", "prune", "simulate"),
    *("reproduce", "sinks", "statuses", "tables-and-files", "tune", "whatif"),
}
"""How-to pages whose commands take long; the README and the tutorial run most of these verbs, too."""


def blocks(page: Path, *languages: str) -> list[str]:
    found = FENCE.finditer(page.read_text("utf-8"))
    return [block["code"] for block in found if block["language"] in languages]


def with_code(*languages: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, *languages)]


def runnable() -> list[ParameterSet]:
    """Return the pages with code; those that take long are marked slow."""
    pages = with_code("sh", "python")
    return [pytest.param(page, marks=[pytest.mark.slow] if page.stem in LONG else [], id=title(page)) for page in pages]


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def env_csv() -> str:
    return str(Environment(rows=500, seed=7).table().write_csv())


@pytest.fixture
def workshop(tmp_path: Path, env_csv: str) -> Path:
    """A folder with the files that the docs speak of, small."""
    (tmp_path / "env.csv").write_text(env_csv, "utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def run_bash(script: str, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", runnable())
def test_code_of_a_page_runs(page: Path, workshop: Path) -> None:
    if page.stem == "microcontroller" and shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    for script in blocks(page, "sh"):
        run_bash(script.replace(*SMALL), workshop)
    if code := blocks(page, "python"):
        (workshop / "page.py").write_text("\n".join(code), "utf-8")
        run_bash("python -W error page.py", workshop)


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(page.read_text("utf-8")):
        target, _, anchor = link["target"].partition("#")
        if target.startswith(("http:", "https:")):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{title(page)} points to {target}, which is not there"
        assert not anchor or anchor in anchors(file), f"{title(page)} points to #{anchor}, which is not in {target}"


def anchors(page: Path) -> set[str]:
    headings = HEADING.finditer(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading["title"]).strip().lower().replace(" ", "-") for heading in headings}


def test_pages_made_from_code_are_up_to_date() -> None:
    for name, text in script("render").pages().items():
        assert (ROOT / "docs" / name).read_text("utf-8") == text, f"{name} is out of date: run make docs"


@pytest.mark.parametrize("name", ["auto", "deep", "small"])
def test_pages_made_from_results_are_up_to_date(name: str) -> None:
    made = script(name)
    text = made.page(json.loads(made.RESULTS.read_text("utf-8")))
    assert made.PAGE.read_text("utf-8") == text, f"{name} is out of date: run python docs/{name}.py"


def test_the_detectors_page_tells_their_notes_without_roles() -> None:
    page = script("render").detectors()
    assert "Training is not recommended. With `iterations=200`" in page
    assert not re.search(r":\w+:`", page)


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    ahead = [ROOT / "docs" / "index.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        targets = [link["target"].partition("#")[0] for link in LINK.finditer(page.read_text("utf-8"))]
        linked = {(page.parent / target).resolve() for target in targets if target.endswith(".md")}
        ahead += [found for found in linked if found not in seen and found.exists()]
    assert set(ROOT.glob("docs/**/*.md")) <= seen


def test_every_status_is_explained() -> None:
    page = (ROOT / "docs/reference/statuses.md").read_text("utf-8")
    assert [status.name for status in Status if f"| `{status.name}` |" not in page] == []


def test_every_detector_has_its_section() -> None:
    page = (ROOT / "docs/reference/detectors.md").read_text("utf-8")
    assert [name for name in names("detectors") if f"## {name}" not in page] == []


def test_every_detector_has_its_place_among_the_methods() -> None:
    page = (ROOT / "docs/explanation/methods.md").read_text("utf-8")
    assert [name for name in names("detectors") if f"[`{name}`](../reference/detectors.md#{name})" not in page] == []


def test_every_column_of_a_scored_file_is_explained() -> None:
    page = (ROOT / "docs/reference/python.md").read_text("utf-8")
    for column in ("score", "limit", "severity", "anomaly", "status", "cause", "incident_id"):
        assert f"`{column}`" in page


@pytest.mark.slow
def test_the_readmes_figures_are_the_demos(tmp_path: Path) -> None:
    run_bash(f"tocsin demo -o {tmp_path}", tmp_path)
    written = figures_in((ROOT / "README.md").read_text("utf-8"))
    found = figures_in(script("figures").figures(tmp_path))
    assert written.keys() == found.keys()
    # processors round differently, and training makes more of it: an event or two may go the other way
    assert all(abs(written[name] - found[name]) <= 2 for name in found), "out of date: run make figures"


def figures_in(text: str) -> dict[str, float]:
    kinds = re.findall(r"^\| (\w+) \| (\d+) of \d+ \|$", text, re.MULTILINE)
    percents = re.findall(r"(precision|recall) of 0\.(\d\d)", text)
    assert kinds
    assert len(percents) == 2
    return {name: int(count) for name, count in kinds} | {name: int(percent) / 4 for name, percent in percents}


def script(name: str) -> ModuleType:
    """Return a script of the docs as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
