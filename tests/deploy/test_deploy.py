"""What lies in deploy/ is checked with the tools that will read it: nothing there can be tried without them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import tocsin
from tocsin.engine.live.meters import METERS
from tocsin.service.tally import GAUGES
from tocsin.testing.servers import Service, free_port
from tocsin.training.simulate.environment import Environment

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "tocsin.json"
_HISTOGRAM = ("_bucket", "_sum", "_count")


def run(*command: str | Path, where: Path = DEPLOY) -> None:
    """Run a tool that must be content; one that is not installed skips the test."""
    tool = str(command[0])
    beside = Path(sys.executable).parent / tool
    found = str(beside) if beside.exists() else shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run([found, *map(str, command[1:])], cwd=where, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def asked(expression: str) -> set[str]:
    """Return the names of tocsin's meters in PromQL, histograms by their own name."""
    found = set()
    for name in re.findall(r"tocsin_[a-z_]+", expression):
        stem = next((name.removesuffix(end) for end in _HISTOGRAM if name.endswith(end)), name)
        found.add(stem if any(meter.name == stem and meter.kind == "histogram" for meter in METERS) else name)
    return found


def expressions() -> Iterator[str]:
    board = json.loads(DASHBOARD.read_text("utf-8"))
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield str(variable["query"]["query"])


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load((DEPLOY / "prometheus" / "tocsin.rules.yaml").read_text("utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def test_the_images_are_well_made() -> None:
    run("hadolint", "Dockerfile", "Dockerfile.edge")


def test_kubernetes_accepts_the_manifests() -> None:
    run("kubernetes-validate", "--strict", "kubernetes/tocsin.yaml", "kubernetes/tocsin-serve.yaml")


@pytest.mark.parametrize("name", ["tocsin.service", "tocsin-edge.service", "tocsin-serve.service"])
def test_systemd_accepts_the_unit(name: str, tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd" / name).read_text("utf-8")
    installed = tmp_path / name
    installed.write_text(unit.replace("/opt/tocsin/bin/tocsin", sys.executable), "utf-8")
    run("systemd-analyze", "verify", installed)


def test_the_alert_rules_ring_when_they_should_and_not_before() -> None:
    run("promtool", "check", "config", "prometheus.yml", where=DEPLOY / "prometheus")
    run("promtool", "test", "rules", "tocsin.test.yaml", where=DEPLOY / "prometheus")


def test_each_alert_rule_has_a_test() -> None:
    tested = yaml.safe_load((DEPLOY / "prometheus" / "tocsin.test.yaml").read_text("utf-8"))["tests"]
    ringing = {case["alertname"] for test in tested for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert {rule["alert"] for rule in rules()} == ringing


def test_what_dashboard_and_rules_ask_for_exists() -> None:
    there = {meter.name for meter in METERS}
    wanted = set().union(*map(asked, expressions()), *(asked(rule["expr"]) for rule in rules()))
    assert wanted <= there | set(GAUGES)
    assert there - set().union(*map(asked, expressions())) == set(), "the dashboard shows every meter"


def test_labels_that_are_asked_for_exist() -> None:
    labels = {meter.name: {*meter.labels, "instance", "job", "le"} for meter in METERS}
    for expression in (*expressions(), *(rule["expr"] for rule in rules())):
        for name, inside in re.findall(r"(tocsin_[a-z_]+)\{([^}]*)\}", expression):
            stem = next(iter(asked(name)))
            assert set(re.findall(r"(\w+)\s*=", inside)) <= labels[stem], expression


def test_each_question_of_the_dashboard_is_promql(tmp_path: Path) -> None:
    questions = [e for e in expressions() if not e.startswith("label_values")]
    plain = [re.sub(r"\$__rate_interval", "5m", e) for e in questions]
    groups = {"groups": [{"name": "n", "rules": [{"record": f"a:{k}", "expr": e} for k, e in enumerate(plain)]}]}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(groups), "utf-8")
    run("promtool", "check", "rules", tmp_path / "rules.yaml")


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_compose_starts_a_watch_after_its_store() -> None:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = found["services"]
    assert services["tocsin"]["read_only"] is True
    assert services["tocsin"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            there = (DEPLOY / source).exists() or source == "./artifacts"
            assert there if source.startswith(".") else source in found["volumes"], volume


def service_commands() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return how each file in deploy/ starts the service, and the environment that it gives."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["service"]
    parts = yaml.safe_load_all((DEPLOY / "kubernetes" / "tocsin-serve.yaml").read_text("utf-8"))
    (deployment,) = [part for part in parts if part["kind"] == "Deployment"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    unit = (DEPLOY / "systemd" / "tocsin-serve.service").read_text("utf-8")
    (started,) = re.findall(r"^ExecStart=\S+ (.+)$", unit, re.MULTILINE)
    return {
        "compose": (compose["command"], compose["environment"]),
        "kubernetes": (container["args"], {one["name"]: "x" for one in container["env"]}),
        "systemd": (started.split(), dict(re.findall(r"^Environment=(\w+)=(.+)$", unit, re.MULTILINE))),
    }


@pytest.mark.parametrize("name", ["compose", "kubernetes", "systemd"])
def test_the_service_starts_as_it_is_told_and_wants_a_token_where_others_reach_it(name: str, tmp_path: Path) -> None:
    command, environment = service_commands()[name]
    moved = [word.replace("/var/lib/tocsin", str(tmp_path)).replace("8420", "0") for word in command]
    open_to_others = any("0.0.0.0" in word for word in moved)
    assert ("TOCSIN_ADMIN_TOKEN" in environment) is open_to_others
    with subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", *moved],
        cwd=tmp_path, env=settings(TOCSIN_ADMIN_TOKEN="0" * 32), stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        first = json.loads(process.stderr.readline())
        process.terminate()
        assert process.wait(60) == 0
    assert first["message"].startswith("The service listens at http://")


def dashboard_commands() -> Iterator[list[str]]:
    """Yield how each file in deploy/ starts the dashboard."""
    yield yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["dashboard"]["command"]
    for part in yaml.safe_load_all((DEPLOY / "kubernetes" / "tocsin-serve.yaml").read_text("utf-8")):
        if part["kind"] == "Deployment":
            yield part["spec"]["template"]["spec"]["containers"][1]["args"]


@pytest.mark.slow
def test_the_dashboard_starts_as_it_is_told_and_has_no_token_of_its_own(tmp_path: Path) -> None:
    with Service() as service:
        folder = service.folder / "service"
        said("tocsin", "token", "create", "ann", "--folder", folder, where=tmp_path, env=settings())
        for command in dashboard_commands():
            place = f"--port={free_port()}"
            words = [re.sub(r"^--port=.*", place, re.sub(r"(?<=--service=).*", service.url, word)) for word in command]
            with subprocess.Popen(
                [sys.executable, "-m", "tocsin.cli", *words],
                cwd=tmp_path, env=settings(TOCSIN_TOKEN=""), stdout=subprocess.PIPE, text=True,
            ) as process:  # fmt: skip
                assert process.stdout is not None
                assert process.stdout.readline().startswith("The dashboard is at http://")
                process.terminate()
                assert process.wait(60) == 0


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Dockerfile.edge",
        "compose.yaml",
        "systemd/tocsin.service",
        "systemd/tocsin-edge.service",
        "systemd/tocsin-serve.service",
        "kubernetes/tocsin.yaml",
        "kubernetes/tocsin-serve.yaml",
    ],
)
def test_heads_say_what_was_not_tried(name: str) -> None:
    head = "\n".join((DEPLOY / name).read_text("utf-8").splitlines()[:18])
    assert "What was and was not checked" in head


def settings(**more: str) -> dict[str, str]:
    """Return the environment that the files in deploy/ give a watch."""
    own = {
        "TOCSIN_STORE": "sqlite:///tocsin.db",
        "TOCSIN_SOURCE": "mqtt://localhost:1883/plant/{device}/env?qos=1&client=tocsin-0",
        "TOCSIN_METRICS": "127.0.0.1:9108",
        "TOCSIN_SERVICE": "",
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, **own, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **more}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a container sees it: settings, and an artifact where they look for it."""
    folder = tmp_path_factory.mktemp("etc")
    room = Environment(rows=600, seed=7).table()
    room.write_csv(folder / "env.csv")
    (folder / "artifacts").mkdir()
    tocsin.fit(room, tocsin.Recipe(detector="rolling_zscore")).save(folder / "artifacts" / "room.tocsin")
    shutil.copy(DEPLOY / "tocsin.toml", folder)
    return folder


def pod() -> dict[str, Any]:
    parts = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "tocsin.yaml").read_text("utf-8")))
    return {part["kind"]: part for part in parts}


def said(*command: str | Path, where: Path, env: dict[str, str]) -> str:
    """Run a command that must be content; return what it says."""
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_watch_accepts_its_settings(installed: Path) -> None:
    shown = said("tocsin", "watch", "--config", "tocsin.toml", "--check", where=installed, env=settings())
    assert "rooms: room.tocsin" in shown
    assert "Nothing is lost" in shown


def test_an_edge_box_accepts_its_settings(installed: Path, tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "edge.toml", tmp_path)
    shutil.copy(installed / "artifacts" / "room.tocsin", tmp_path / "site.tocsin")
    env = settings(TOCSIN_SINK="mqtt://localhost/alarms")
    shown = said("tocsin", "watch", "--config", "edge.toml", "--check", where=tmp_path, env=env)
    assert "site: site.tocsin" in shown
    assert "mqtt://localhost/alarms" in shown


def test_the_edge_unit_says_where_its_settings_are_and_bounds_its_memory() -> None:
    unit = (DEPLOY / "systemd" / "tocsin-edge.service").read_text("utf-8")
    image = (DEPLOY / "Dockerfile.edge").read_text("utf-8")
    (given,) = re.findall(r"^MemoryMax=(\d+)M$", unit, re.MULTILINE)
    assert 120 < int(given) <= 256
    assert re.findall(r"ARG EXTRAS=(.+)", image) == ["stream"]
    assert "--config /etc/tocsin/edge.toml" in unit
    assert '"--config", "/etc/tocsin/edge.toml"' in image


def test_the_settings_of_compose_are_those_that_the_file_asks_for(installed: Path) -> None:
    own = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]["tocsin"]["environment"]
    given = {name: re.sub(r"\$\{POSTGRES_PASSWORD\}", "secret", value) for name, value in own.items()}
    shown = said("tocsin", "watch", "--config", "tocsin.toml", "--check", where=installed, env=settings(**given))
    assert "postgresql://tocsin@postgres/tocsin" in shown
    assert "mosquitto:1883" in shown


def test_each_pod_is_a_worker_of_its_own(installed: Path, tmp_path: Path) -> None:
    parts = pod()
    (tmp_path / "tocsin.toml").write_text(parts["ConfigMap"]["data"]["tocsin.toml"], "utf-8")
    shutil.copytree(installed / "artifacts", tmp_path / "artifacts")
    container = parts["StatefulSet"]["spec"]["template"]["spec"]["containers"][0]
    line = container["args"][0].replace("/etc/tocsin/", "") + " --check"
    for worker in range(parts["StatefulSet"]["spec"]["replicas"]):
        env = settings(POD_NAME=f"tocsin-{worker}")
        assert f"workers=3&worker={worker}" in said(*container["command"], line, where=tmp_path, env=env)


@pytest.mark.slow
def test_what_the_image_installs_is_all_that_a_watch_needs(installed: Path, tmp_path: Path) -> None:
    recipe = (DEPLOY / "Dockerfile").read_text("utf-8")
    for line in re.findall(r"^COPY (?!--)(.+)$", recipe, re.MULTILINE):
        *sources, _ = line.split()
        for name in sources:
            there = DEPLOY.parent / name
            shutil.copytree(there, tmp_path / name) if there.is_dir() else shutil.copy(there, tmp_path)
    (wanted,) = re.findall(r"pip install (.+)$", recipe, re.MULTILINE)
    (extras,) = re.findall(r"^ARG EXTRAS=(.+)$", recipe, re.MULTILINE)
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    env = {**settings(), "PYTHONPATH": "", "PATH": str(programs)}
    pip = [word.strip('"') for word in wanted.replace("${EXTRAS}", extras).split()]
    subprocess.run([programs / "pip", "install", "--quiet", *pip], cwd=tmp_path, env=env, check=True, timeout=900)
    said(programs / "tocsin", "watch", "--config", "tocsin.toml", "--check", where=installed, env=env)
    watched = {**env, "TOCSIN_SOURCE": "tail:env.csv", "TOCSIN_METRICS": ""}
    said(programs / "tocsin", "watch", "--config", "tocsin.toml", "--once", where=installed, env=watched)
    assert said(programs / "tocsin", "incidents", "--json", where=installed, env=env).count('"id"')
