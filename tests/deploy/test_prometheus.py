"""The whole way: a watch's metrics, scraped by Prometheus, ring by the rules in deploy/ at an Alertmanager."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tocsin.engine.live.meters import Meters
from tocsin.service.metrics import MetricsServer
from tocsin.testing._server import HOST, Server, binary
from tocsin.testing.servers import Alertmanager, MissingServerError

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "tocsin.rules.yaml"
PATIENCE_S = 60.0


class Prometheus(Server):
    """A Prometheus that scrapes one watch every second, with the rules in deploy/, which do not wait."""

    def __init__(self, watch: str, alertmanager: Alertmanager) -> None:
        self._binary = binary("prometheus", package="prometheus")
        super().__init__()
        rules = re.sub(r"for: \w+", "for: 0s", RULES.read_text("utf-8"))
        (self.folder / "rules.yaml").write_text(rules, "utf-8")
        (self.folder / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
            "rule_files: [rules.yaml]\n"
            f"scrape_configs: [{{job_name: tocsin, static_configs: [{{targets: ['{watch}']}}]}}]\n"
            f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{HOST}:{alertmanager.port}']}}]}}]}}\n",
            "utf-8",
        )

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        place = [f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/kept"]
        return [self._binary, *place, f"--web.listen-address={HOST}:{self.port}"]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def watch(meters: Meters) -> Iterator[MetricsServer]:
    server = MetricsServer(meters, alive=str, ready=str, address=f"{HOST}:0")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def prometheus(watch: MetricsServer, alertmanager: Alertmanager) -> Iterator[Prometheus]:
    try:
        server = Prometheus(watch.address, alertmanager)
    except MissingServerError as missing:
        pytest.skip(str(missing))
    with server:
        yield server


def ringing(alertmanager: Alertmanager, watch: MetricsServer) -> set[str]:
    found = (alert["labels"] for alert in alertmanager.alerts() if alert["status"]["state"] == "active")
    return {labels["alertname"] for labels in found if labels.get("instance") == watch.address}


def test_a_watch_that_lost_its_source_and_its_sink_rings(
    meters: Meters, watch: MetricsServer, prometheus: Prometheus, alertmanager: Alertmanager
) -> None:
    assert prometheus.running
    meters.set("tocsin_connected", 1, ("plant",))
    meters.set("tocsin_outbox_waiting", 3, ("pager",))
    until, found = time.monotonic() + PATIENCE_S, set[str]()
    while found != {"TocsinDisconnected", "TocsinSinkFails"} and time.monotonic() < until:
        meters.add("tocsin_sink_failures_total", 1, ("pager",))
        time.sleep(0.5)
        found = ringing(alertmanager, watch)
        if "TocsinSinkFails" in found:
            meters.set("tocsin_connected", 0, ("plant",))
        else:
            assert not found, "only what is wrong rings"
    assert found == {"TocsinDisconnected", "TocsinSinkFails"}
