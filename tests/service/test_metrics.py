from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tocsin.core.errors import InputError, SettingError
from tocsin.engine.live.meters import METERS, Meters
from tocsin.service.metrics import MetricsServer


class Doing:
    """What a watch would say of its health."""

    def __init__(self) -> None:
        self.wrong = ""
        self.waiting = ""


@pytest.fixture
def meters() -> Meters:
    found = Meters()
    found.add("tocsin_readings_total", 40, ("plant",))
    found.set("tocsin_lag_seconds", 1.5, ("plant",))
    for seconds in (0.0005, 0.001, 0.002, 99.0):
        found.observe("tocsin_scoring_seconds", seconds, ("plant",))
    return found


@pytest.fixture
def doing() -> Doing:
    return Doing()


@pytest.fixture
def server(meters: Meters, doing: Doing) -> Iterator[MetricsServer]:
    found = MetricsServer(meters, alive=lambda: doing.wrong, ready=lambda: doing.waiting, address="127.0.0.1:0")
    found.start()
    yield found
    found.stop()
    found.stop()


def ask(server: MetricsServer, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{server.address}{page}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_what_was_counted(server: MetricsServer) -> None:
    code, text = ask(server, "/metrics")
    found, of = samples(text), (("source", "plant"),)
    assert code == 200
    assert found["tocsin_readings_total", of] == 40
    assert found["tocsin_lag_seconds", of] == 1.5
    assert found["tocsin_scoring_seconds_count", of] == 4
    assert found["tocsin_scoring_seconds_sum", of] == pytest.approx(99.0035)


@pytest.mark.parametrize(("end", "counted"), [("0.001", 2), ("0.0025", 3), ("10", 3), ("+Inf", 4)])
def test_buckets_hold_what_is_at_most_their_end(server: MetricsServer, end: str, counted: int) -> None:
    found = samples(ask(server, "/metrics")[1])
    assert found["tocsin_scoring_seconds_bucket", (("le", end), ("source", "plant"))] == counted


def test_every_meter_is_told_of_with_its_kind(server: MetricsServer) -> None:
    told = dict(line.split(" ")[2:] for line in ask(server, "/metrics")[1].splitlines() if line.startswith("# TYPE"))
    assert told == {meter.name: meter.kind for meter in METERS}


def test_health_is_told_with_its_reason(server: MetricsServer, doing: Doing) -> None:
    assert ask(server, "/healthz") == (200, "ok\n")
    doing.waiting = "The broker is away."
    assert ask(server, "/readyz") == (503, "The broker is away.\n")
    assert ask(server, "/healthz")[0] == 200
    doing.wrong = "The feed has stopped."
    assert ask(server, "/healthz?probe=1") == (503, "The feed has stopped.\n")


def test_other_pages_do_not_exist(server: MetricsServer) -> None:
    assert ask(server, "/") == (404, "There is /metrics, /healthz, /readyz.\n")


def test_an_address_in_use_is_told(server: MetricsServer, meters: Meters) -> None:
    second = MetricsServer(meters, alive=str, ready=str, address=server.address)
    with pytest.raises(InputError, match=r"already in use.*--metrics"):
        second.start()


@pytest.mark.parametrize("address", ["9108x", "localhost", "localhost:99999", ":", ""])
def test_nonsense_is_no_address(address: str) -> None:
    with pytest.raises(SettingError, match="no address"):
        MetricsServer(Meters(), alive=str, ready=str, address=address)


def test_a_port_alone_stays_on_this_machine() -> None:
    assert MetricsServer(Meters(), alive=str, ready=str, address=":9108").address == "127.0.0.1:9108"
