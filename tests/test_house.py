"""The house keeps its own rules: what is public, how big things are, who imports whom, how fast it starts."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import tocsin
from tocsin.cli._app import app
from tocsin.core.discover import names, summary

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tocsin"
FILES = sorted(SOURCE.glob("**/*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def short(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def classes(path: Path) -> Iterator[ast.ClassDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))


def best_seconds(*command: str, runs: int = 5) -> float:
    """Return the least processor time of several runs, in s: unlike the clock, it bears a busy machine."""
    resource = pytest.importorskip("resource", reason="processor time of children is known on Unix alone")
    taken: list[float] = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def test_all_names_what_is_visible() -> None:
    assert dir(tocsin) == sorted(tocsin.__all__)
    for name in tocsin.__all__:
        assert getattr(tocsin, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        _ = tocsin.no_such_name


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert tocsin.__version__ == project["version"]


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_are_short_and_say_why_they_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LONGEST_FILE
    assert ast.get_docstring(ast.parse(text)), "it begins with no sentence"


def test_functions_are_short() -> None:
    long = []
    for path in FILES:
        for function in functions(path):
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0
            if lines > LONGEST_FUNCTION:
                long.append(f"{short(path)}: {function.name} has {lines} lines")
    assert long == []


def test_public_classes_and_functions_are_documented() -> None:
    bare = []
    for path in FILES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name[0] != "_" and not ast.get_docstring(node):
                bare.append(f"{short(path)}: {node.name}")
    assert bare == []


@pytest.mark.parametrize("room", ["detectors", "thresholds"])
def test_a_part_is_the_one_public_class_of_its_file(room: str) -> None:
    for name in names(room):
        assert len(list(classes(SOURCE / room / f"{name}.py"))) == 1
        assert summary(room, name)


def test_every_module_can_be_imported_by_itself() -> None:
    for path in FILES:
        if path.stem != "__main__":
            importlib.import_module(
                "tocsin." + short(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            )


def test_public_signatures_take_no_unnamed_settings() -> None:
    loose = [
        f"{short(path)}: {function.name}"
        for path in FILES
        for function in functions(path)
        if function.args.kwarg and not function.name.startswith("_") and path.parent.name != "cli"
    ]
    assert loose == []


def test_every_verb_and_option_has_help() -> None:
    group = typer.main.get_command(app)
    bare = []
    for name, verb in group.commands.items():  # type: ignore[attr-defined]  # it is a group
        assert verb.help
        bare += [f"{name}: {param.name}" for param in verb.params if not getattr(param, "help", None)]
    assert bare == []


def test_every_verb_is_in_the_docs() -> None:
    group = typer.main.get_command(app)
    told = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs/tutorial.md").read_text("utf-8")
    reference = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    for name in group.commands:  # type: ignore[attr-defined]  # it is a group
        assert f"## tocsin {name}" in reference
        assert f"tocsin {name}" in told or name == "detectors"


def test_rooms_import_only_what_lies_below() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    if not script.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_room_reaches_into_anothers_private_files() -> None:
    package = ROOT / "src/tocsin"
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tocsin."):
                _, other, *inside = (node.module or "").split(".")
                assert other == room or not any(part.startswith("_") for part in inside), f"{path}: {node.module}"


HEAVY = ("onnxruntime", "polars", "narwhals", "pandas", "torch", "sklearn", "matplotlib", "onnx", "scipy", "rich")


def test_importing_tocsin_loads_nothing_heavy() -> None:
    code = f"import sys, tocsin; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_no_training_library() -> None:
    code = (
        "import sys; from tocsin.cli._app import app; app(['fit', '--help'], standalone_mode=False); "
        f"print([name for name in {HEAVY[1:-1]} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_it_starts_at_once() -> None:
    assert best_seconds("-c", "import tocsin") < 0.2
    assert best_seconds("-m", "tocsin.cli", "--help") < 0.5


def test_make_without_a_target_shows_the_targets() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "check", "test-all", "bench", "clean"):
        assert f"make {target} " in shown


def test_constraints_pin_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [line for name, own in extras.items() if name not in ("spark", "federated") for line in own]
    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line
    )
    simple = {name.lower().replace("_", "-") for name in pinned}
    bare = {line.split(">")[0].split("[")[0].lower().replace("_", "-") for line in wanted}
    assert bare - simple == {"tocsin"}
    assert all("+" not in version for version in pinned.values())


def test_settings_of_the_public_calls_are_keyword_only_beyond_two() -> None:
    for call in (tocsin.fit, tocsin.load, tocsin.Scorer.score, tocsin.Scorer.verdicts):
        free = [p for p in inspect.signature(call).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert len([p for p in free if p.name != "self"]) <= 2
