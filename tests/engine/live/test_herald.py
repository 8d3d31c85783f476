from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.core.frames import Frame
from tocsin.engine.live import herald as heralds
from tocsin.engine.live._gathering import MOST_NEWS, MOST_ROWS, MOST_WAITING, Gathering
from tocsin.engine.live.herald import Herald
from tocsin.testing._server import free_port
from tocsin.testing.told_fleet import ToldFleet

SECOND = 10**9
NOW = 1_700_000_000 * SECOND
FLEET = ToldFleet(devices=4)


def frame(second: int = 0, *, devices: int = 4, seconds: float = 1.0, duty: str = "plant") -> Frame:
    return ToldFleet(devices=devices, duty=duty).frame(NOW + second * SECOND, seconds=seconds)


class Ear:
    """A service that hears what it is told, and answers as it is told to."""

    def __init__(self) -> None:
        self.port, self.status, self.wait_s = free_port(), 200, 0.0
        self.heard: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = ear.status  # before anybody can know that something came, and have the next answered otherwise
                ear.tokens.add(self.headers.get("Authorization", ""))
                time.sleep(ear.wait_s)
                answer = json.dumps({"detail": "as told"}).encode()
                if status < 300:
                    ear.heard.append(body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    for name, value in (("EVERY_S", 0.02), ("LONGEST_PAUSE_S", 0.1), ("REFUSED_PAUSE_S", 0.1)):
        monkeypatch.setattr(heralds, name, value)
    found = Ear()
    found.open()
    yield found
    found.close()


def until(so: Callable[[], bool]) -> None:
    for _ in range(500):
        if so():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def begun(ear: Ear, *, token: str = "") -> Herald:
    found = Herald(ear.url, watch="test", token=token)
    found.start()
    return found


def test_what_is_shown_is_told_with_the_token_and_the_news(ear: Ear) -> None:
    herald = begun(ear, token="secret")
    herald.show([frame(), frame(1, duty="other")], [FLEET.incident(NOW)])
    until(lambda: len(ear.heard) == 2)
    herald.stop()
    first, second = ear.heard
    assert Frame.of(first).devices == FLEET.frame(NOW, seconds=1).devices
    assert (first["watch"], first["skipped"], len(first["incidents"])) == ("test", 0, 1)
    assert (second["duty"], second["incidents"]) == ("other", [])
    assert ear.tokens == {"Bearer secret"}


def test_several_frames_of_a_duty_are_told_as_one_and_none_where_there_is_nothing(ear: Ear) -> None:
    herald = Herald(ear.url, watch="", token="")
    for second in range(3):
        herald.show([frame(second)], [])
    herald.start()
    until(lambda: len(ear.heard) == 1)
    time.sleep(0.1)
    herald.stop()
    assert [len(one["time"]) for one in ear.heard] == [12]
    assert ear.tokens == {""}


def test_what_was_shown_last_is_told_before_it_ends(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heralds, "EVERY_S", 60.0)
    herald = begun(ear)
    herald.show([frame()], [])
    herald.stop()
    assert len(ear.heard) == 1
    herald.stop()


def test_a_service_that_goes_and_comes_back_is_told_of_in_one_line_each(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ear.close()
    herald = begun(ear)
    for second in range(10):
        herald.show([frame(second)], [FLEET.incident(NOW)])
        time.sleep(0.02)
    until(lambda: bool(caplog.records))
    ear.open()
    until(lambda: sum(len(one["time"]) for one in ear.heard) == 40)
    herald.stop()
    gone, back = [record.getMessage() for record in caplog.records if record.name.endswith("herald")]
    assert gone.startswith(f"The service {ear.url} is not told what is judged: it does not answer (Connection refused)")
    assert back == f"The service {ear.url} is told again what is judged."
    assert sum(len(one["incidents"]) for one in ear.heard) == 10


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "it refuses the token in $TOCSIN_TOKEN: as told"),
        (403, "it refuses the token in $TOCSIN_TOKEN: as told"),
        (404, "there is no tocsin service at that address"),
        (503, "it answers 503: as told"),
    ],
)
def test_a_refusal_is_said_once_in_plain_words(
    ear: Ear, caplog: pytest.LogCaptureFixture, status: int, said: str
) -> None:
    ear.status = status
    herald = begun(ear)
    for second in range(5):
        herald.show([frame(second)], [])
        time.sleep(0.05)
    ear.status = 200
    until(lambda: sum(len(one["time"]) for one in ear.heard) == 20)
    herald.stop()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert said in warnings[0]


def test_a_frame_that_will_never_be_taken_is_not_sent_again(ear: Ear) -> None:
    ear.status = 422
    herald = begun(ear)
    herald.show([frame()], [])
    until(lambda: bool(ear.tokens))
    ear.status = 200
    herald.show([frame(1)], [])
    until(lambda: bool(ear.heard))
    herald.stop()
    assert [len(one["time"]) for one in ear.heard] == [4]


def test_a_slow_service_holds_up_nobody(ear: Ear) -> None:
    ear.wait_s = 0.5
    herald = begun(ear)
    began = time.monotonic()
    for second in range(2_000):
        herald.show([frame(second)] if second % 100 == 0 else [], [])
    assert time.monotonic() - began < 0.3
    herald.stop()
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("url", ["", "127.0.0.1:8420", "ftp://host", "http://", "http://host:port", "http://[::"])
def test_what_is_no_service_is_said_so(url: str) -> None:
    with pytest.raises(SettingError, match="is no service"):
        Herald(url, watch="", token="")


def test_a_password_is_not_shown() -> None:
    assert Herald("https://me:secret@host/plant/", watch="", token="").place == "https://host/plant"


def test_of_more_than_fits_the_newest_of_each_device_come_first() -> None:
    own = Gathering()
    for second in range(5):
        own.add([frame(second, devices=1_000)], [])
    (told,) = own.take()
    assert told.frame is not None
    assert (len(told.frame), told.skipped) == (MOST_ROWS, 3_000)
    assert len(told.frame.devices) == 1_000
    assert set(told.frame.time.tolist()) == {NOW + 3 * SECOND, NOW + 4 * SECOND}


def test_of_more_devices_than_fit_the_worst_are_told_and_the_others_by_turns() -> None:
    own, known = Gathering(), set[str]()
    for second in range(8):
        whole = frame(second, devices=5_000)
        own.add([whole], [])
        (told,) = own.take()
        assert told.frame is not None
        strange = {whole.devices[k] for k in whole.device[whole.anomaly].tolist()}
        assert strange <= set(told.frame.devices)
        known |= set(told.frame.devices)
    assert len(known) > 4_700


def test_what_waits_is_bounded_and_what_was_left_out_is_counted() -> None:
    own = Gathering()
    for second in range(120):
        own.add([frame(second, devices=1_000)], [FLEET.incident(NOW + k) for k in range(10)])
    (told,) = own.take()
    assert told.frame is not None
    assert told.skipped + len(told.frame) == 120_000
    assert told.skipped >= 120_000 - MOST_WAITING
    assert told.frame.time.max() == NOW + 119 * SECOND
    assert len(told.news) == MOST_NEWS
    assert own.take() == []


def test_what_is_given_back_comes_first_and_is_bounded_too() -> None:
    own = Gathering()
    own.add([frame(0)], [FLEET.incident(1)])
    taken = own.take()
    own.add([frame(1)], [FLEET.incident(2)])
    own.give_back(taken)
    (told,) = own.take()
    assert told.frame is not None
    assert told.frame.time.tolist() == [NOW] * 4 + [NOW + SECOND] * 4
    assert [one.start for one in told.news] == [1, 2]


def test_devices_with_very_many_channels_are_told_in_smaller_frames() -> None:
    own, small = Gathering(), frame(devices=1_000)
    channels = tuple(f"c{k}" for k in range(1_000))
    wide = Frame.of({**small.document(), "channels": channels, "values": np.zeros((1_000, 1_000))})
    own.add([wide], [])
    (told,) = own.take()
    assert told.frame is not None
    assert (len(told.frame), told.skipped) == (400, 600)


def test_news_alone_is_told_too() -> None:
    own = Gathering()
    own.add([], [FLEET.incident(NOW)])
    (told,) = own.take()
    assert told.document("w")["incidents"][0]["device"] == "room-1"
    assert "time" not in told.document("w")


def test_a_token_that_no_header_can_carry_is_said_and_ends_nothing(ear: Ear, caplog: pytest.LogCaptureFixture) -> None:
    herald = begun(ear, token="two\nlines")
    herald.show([frame()], [])
    until(lambda: bool(caplog.records))
    herald.show([frame(1)], [])
    herald.stop()
    assert len(caplog.records) == 1
    assert "the token in $TOCSIN_TOKEN is none" in caplog.text
    assert "lines" not in caplog.text
