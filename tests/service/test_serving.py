"""The service over a real socket: where it listens, how it ends, and whom it knows."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from tests.service.wire import QUICK, connected, head

import tocsin.service.serving as serving
from tocsin.core.errors import InputError, SettingError
from tocsin.service.serving import Running, running
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope, Tokens


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("service")
    store = f"sqlite:///{folder / 'tocsin.db'}"
    with running(ServiceSettings(folder=folder / "service", store=store, port=0, limits=QUICK)) as found:
        yield found


@pytest.fixture
def client(service: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=20) as found:
        yield found


def test_it_listens_where_it_says(client: httpx2.Client, service: Running) -> None:
    assert service.alive
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/v1/me").json()["open"] is True
    assert "server" not in client.get("/healthz").headers


def has_newer_kind() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_newer_kind(), reason="this machine has no IPv6")
def test_it_listens_at_an_address_of_the_newer_kind(settings: ServiceSettings) -> None:
    with running(replace(settings, host="::1")) as found:
        assert found.url.startswith("http://[::1]:")
        assert httpx2.get(f"{found.url}/v1/me").json()["open"] is True


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "plant.example", "192.0.2.1", ""])
def test_it_refuses_to_be_reached_by_others_without_a_token(settings: ServiceSettings, host: str) -> None:
    with pytest.raises(SettingError, match="tocsin token create"), running(replace(settings, host=host)):
        pass


@pytest.mark.parametrize("make", ["revoked", "expired"])
def test_a_token_that_nobody_can_show_is_none(settings: ServiceSettings, make: str) -> None:
    tokens = Tokens(settings.folder / "tokens.json")
    tokens.create("a", Scope.admin, lasts_s=-1 if make == "expired" else None)
    if make == "revoked":
        tokens.revoke("a")
    with pytest.raises(SettingError, match="there is no token"), running(replace(settings, host="0.0.0.0")):
        pass


def test_with_a_token_others_may_reach_it_and_must_show_it(settings: ServiceSettings) -> None:
    secret = Tokens(settings.folder / "tokens.json").create("a", Scope.read)
    with running(replace(settings, host="0.0.0.0")) as found:
        port = found.url.rpartition(":")[2]
        for name in ("plant.example", "127.0.0.1"):
            asked = f"http://127.0.0.1:{port}/v1/me"
            headers = {"Host": name}
            assert httpx2.get(asked, headers=headers).status_code == 401
            assert httpx2.get(asked, headers={**headers, "Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_token_that_is_taken_away_counts_no_more(settings: ServiceSettings) -> None:
    tokens = Tokens(settings.folder / "tokens.json")
    with running(settings) as found, httpx2.Client(base_url=found.url) as client:
        assert client.get("/v1/me").status_code == 200
        secret = tokens.create("a", Scope.read)
        assert client.get("/v1/me").status_code == 401, "as soon as there is one, everybody needs one"
        shown = {"Authorization": f"Bearer {secret}"}
        assert client.get("/v1/me", headers=shown).status_code == 200
        tokens.revoke("a")
        assert client.get("/v1/me", headers=shown).status_code == 401
        assert client.get("/v1/me").status_code == 401, "and it does not open again"


def test_a_port_that_is_taken_is_told(service: Running, settings: ServiceSettings) -> None:
    taken = replace(settings, port=int(service.url.rpartition(":")[2]))
    with pytest.raises(InputError, match=r"already in use.*--port"), running(taken):
        pass


def test_an_address_that_is_not_ours_is_told(settings: ServiceSettings) -> None:
    Tokens(settings.folder / "tokens.json").create("a", Scope.admin)
    with (
        pytest.raises(InputError, match=r"cannot listen at 192\.0\.2\.1"),
        running(replace(settings, host="192.0.2.1")),
    ):
        pass


def test_it_ends_within_moments_though_somebody_listens_and_somebody_waits(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_GRACE_S", 1)
    ended = threading.Event()

    def listen(url: str) -> None:
        with httpx2.stream("GET", f"{url}/v1/live", timeout=30) as stream:
            for _ in stream.iter_bytes():
                began.set()
        ended.set()

    began = threading.Event()
    with running(settings) as found:
        told = {"duty": "d", "channels": ["t"], "devices": ["p"], "device": [0], "time": [1], "values": [[1.0]]}
        told |= {"score": [1.0], "limit": [2.0], "status": [0], "cause": [-1]}
        httpx2.post(f"{found.url}/v1/frames", json=told).raise_for_status()
        listener = threading.Thread(target=listen, args=(found.url,), daemon=True)
        listener.start()
        assert began.wait(10)
        half = connected(found)
        half.sendall(head("POST", "/v1/analyses", "Content-Length: 100"))
        at = time.monotonic()
    assert time.monotonic() - at < 5.5
    assert ended.wait(5), "the stream ends in good order"
    assert not found.alive
    half.close()
    listener.join(5)


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "169.254.1.1", ""]
)
def test_a_name_that_is_not_ours_is_refused(client: httpx2.Client, host: str) -> None:
    assert client.get("/v1/me", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8420", "[::1]:8420"])
def test_our_own_names_are_known(client: httpx2.Client, host: str) -> None:
    assert client.get("/v1/me", headers={"Host": host}).status_code == 200


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[::"},
    {"Origin": "http://localhost:3000"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    {"X-Forwarded-For": "203.0.113.7"},
    {"Forwarded": "for=203.0.113.7"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_elsewhere_cannot_drive_it(client: httpx2.Client, method: str, headers: dict[str, str]) -> None:
    answer = client.request(method, "/v1/jobs", headers=headers)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_link_from_elsewhere_may_be_followed_but_not_posted(client: httpx2.Client) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/docs", headers=followed).status_code == 200
    assert client.post("/v1/analyses", headers=followed, content=b"a").status_code == 403


def test_its_own_pages_may_ask(client: httpx2.Client, service: Running) -> None:
    own = {"Origin": service.url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert client.post("/v1/analyses", headers=own, content=b"a").status_code == 201


def test_a_preflight_is_given_nothing(client: httpx2.Client) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/v1/analyses", headers=asked)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
