from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tocsin.core.errors import SettingError
from tocsin.core.notices import Notice
from tocsin.sinks.webhook import Webhook, signature
from tocsin.testing.servers import HOST, free_port
from tocsin.testing.sink_checks import story
from tocsin.testing.web_server import Posted, WebServer

Make = Callable[[str], Webhook]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes sinks, and closes them at the end."""
    with ExitStack() as stack:

        def make(text: str) -> Webhook:
            sink = Webhook.parse(text)
            stack.callback(sink.close)
            return sink

        yield make


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as found:
        yield found


def several(count: int) -> list[Notice]:
    return [story(f"{number:03}")[0] for number in range(count)]


def signed(secret: bytes, posted: Posted) -> bool:
    """Check a post as Standard Webhooks tells receivers to."""
    content = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    proof = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    return posted.headers["webhook-signature"] == f"v1,{proof}"


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The example in the specification's reference implementations."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert told["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_post_holds_a_document_signed_and_named(
    made: Make, server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "whsec_" + base64.b64encode(b"key").decode())
    before = int(time.time())
    assert not made(f"{server.url}/hook?token=7&secret_env=HOOK").send(story("a"))
    assert [json.loads(posted.body) for posted in server.posted] == [notice.document() for notice in story("a")]
    first = server.posted[0]
    assert first.path == "/hook?token=7"
    assert first.headers["content-type"] == "application/json"
    assert first.headers["idempotency-key"] == first.headers["webhook-id"] == "a-0"
    assert before <= int(first.headers["webhook-timestamp"]) <= time.time()
    assert all(signed(b"key", posted) for posted in server.posted)
    assert server.connections == 1, "the connection is not kept"


def test_the_same_news_has_the_same_name_when_it_is_sent_again(made: Make, server: WebServer) -> None:
    for _ in range(2):
        assert not made(f"{server.url}?secret=s").send(story("a"))
        assert not made(f"{server.url}?secret=s&batch=9").send(story("a"))
    names = [posted.headers["idempotency-key"] for posted in server.posted]
    assert names[:4] == names[4:]
    assert len(set(names)) == 4


def test_cloud_events_and_headers(made: Make, server: WebServer) -> None:
    text = f"{server.url}?format=cloudevents&headers=X-Team:night shift;X-Site:west"
    assert not made(text).send(story("a")[:1])
    (posted,) = server.posted
    assert posted.headers["content-type"] == "application/cloudevents+json"
    assert (posted.headers["x-team"], posted.headers["x-site"]) == ("night shift", "west")
    assert json.loads(posted.body) == story("a")[0].cloud_event()


def test_many_in_a_post(made: Make, server: WebServer) -> None:
    assert not made(f"{server.url}?batch=4&format=cloudevents").send(several(9))
    sizes = [len(json.loads(posted.body)) for posted in server.posted]
    assert sizes == [4, 4, 1], "always arrays"
    assert server.posted[0].headers["content-type"] == "application/cloudevents-batch+json"


@pytest.mark.parametrize(("status", "final"), [(400, True), (404, True), (410, True), (500, False), (301, False)])
def test_an_answer_means_never_or_later(made: Make, server: WebServer, status: int, final: bool) -> None:
    server.answer = lambda posted: status if b'"001"' in posted.body else 200
    (failure,) = made(server.url).send(several(3))
    assert (failure.notice.id, failure.final) == ("001", final)
    assert failure.reason.startswith(f"it answered {status} ")
    assert failure.reason.endswith("told"), "what the server said is part of the reason"
    assert len(server.posted) == 3


@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_a_busy_server_is_left_alone_for_now(made: Make, server: WebServer, status: int) -> None:
    server.answer = lambda _: status
    failures = made(server.url).send(several(5))
    assert [failure.notice for failure in failures] == several(5)
    assert not any(failure.final for failure in failures)
    assert len(server.posted) == 1


def test_one_among_many_that_can_never_be_taken_is_found(made: Make, server: WebServer) -> None:
    server.answer = lambda posted: 422 if b'"002"' in posted.body else 200
    (failure,) = made(f"{server.url}?batch=50").send(several(8))
    assert (failure.notice.id, failure.final) == ("002", True)
    taken = [told["id"] for posted in server.posted for told in json.loads(posted.body)]
    assert set(taken) >= {notice.id for notice in several(8)} - {"002"}


@pytest.mark.parametrize("manner", [0, 1], ids=["says nothing", "sends a byte now and then"])
def test_a_server_that_hangs_is_a_failure_in_bounded_time(made: Make, server: WebServer, manner: int) -> None:
    server.answer = lambda _: manner
    sink = made(f"{server.url}?timeout=500ms")
    begin = time.monotonic()
    failures = sink.send(several(20))
    assert time.monotonic() - begin < 30, "each one is waited for"
    assert len(failures) == 20
    assert failures[0].reason == f"{HOST}:{server.port} did not answer within 0.5 s"
    server.answer = lambda _: 200
    assert not sink.send(several(2))


def test_a_connection_that_the_server_closed_meanwhile_is_no_failure(made: Make, server: WebServer) -> None:
    sink = made(server.url)
    assert not sink.send(several(1))
    server.away()
    server.open()
    assert not sink.send(several(1))
    assert server.connections == 2


def test_nobody_there_is_a_failure_that_names_the_place_and_no_secret(made: Make) -> None:
    port = free_port()
    failures = made(f"http://ann:hush@{HOST}:{port}/hook?secret=hush").send(several(2))
    assert len(failures) == 2
    assert failures[0].reason.startswith(f"{HOST}:{port} cannot be reached")
    assert "hush" not in failures[0].reason


def test_a_login_is_sent(made: Make, server: WebServer) -> None:
    assert not made(server.url.replace("//", "//ann:a%3Ab@")).send(several(1))
    assert server.posted[0].headers["authorization"] == "Basic " + base64.b64encode(b"ann:a:b").decode()


def test_a_proxy_of_the_environment_is_used(made: Make, server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url.replace("//", "//me:pw@"))
    assert not made("http://alarms.example/hook?x=1").send(several(1))
    assert server.posted[0].path == "http://alarms.example/hook?x=1"
    assert server.posted[0].headers["host"] == "alarms.example"
    assert server.posted[0].headers["proxy-authorization"] == "Basic " + base64.b64encode(b"me:pw").decode()
    monkeypatch.setenv("no_proxy", HOST)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert not made(server.url).send(several(1))


def test_certificates_are_checked(made: Make, tmp_path: Path) -> None:
    pem = tmp_path / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    more = ["-addext", f"subjectAltName=IP:{HOST}", "-keyout", str(pem), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*command, *more], check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())
    with WebServer(certificate=pem) as server:
        (failure,) = made(server.url).send(several(1))
        assert "certificate" in failure.reason
        assert "is not trusted" in failure.reason
        assert not failure.final
        assert not made(f"{server.url}?ca={tmp_path}/cert.pem").send(several(1))


def test_a_secret_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(SettingError, match="NO_SUCH_NAME") as refused:
        Webhook.parse("https://localhost?secret_env=NO_SUCH_NAME")
    assert refused.value.remedy == "Set it: export NO_SUCH_NAME=…"
