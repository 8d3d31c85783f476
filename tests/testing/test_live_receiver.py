"""The receiver remembers what came, refuses when told to, and is not there when it is away."""

from __future__ import annotations

import http.client
import json

import pytest

from tocsin.testing.live_receiver import Receiver
from tocsin.testing.servers import HOST


def post(connection: http.client.HTTPConnection, found: object) -> int:
    connection.request("POST", "/incidents", json.dumps(found))
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_news_is_told_apart_by_id_and_revision() -> None:
    with Receiver() as receiver:
        connection = http.client.HTTPConnection(HOST, receiver.port, timeout=30)
        assert post(connection, {"id": "a", "revision": 0, "kind": "open"}) == 204
        assert post(connection, [{"id": "a", "revision": 0, "kind": "open"}, {"id": "a", "revision": 1}]) == 204
        connection.close()
        assert receiver.times == {("a", 0): 2, ("a", 1): 1}
        assert set(receiver.news) == {("a", 0), ("a", 1)}
        assert receiver.changed == []


def test_news_that_comes_again_otherwise_is_noticed() -> None:
    receiver = Receiver()
    receiver.take([{"id": "a", "revision": 0, "score": 1.0}, {"id": "a", "revision": 0, "score": 2.0}])
    assert receiver.changed == [("a", 0)]


def test_a_receiver_can_refuse_and_be_away() -> None:
    with Receiver() as receiver:
        connection = http.client.HTTPConnection(HOST, receiver.port, timeout=30)
        receiver.refusing = True
        assert post(connection, {"id": "a", "revision": 0}) == 503
        receiver.refusing = False
        receiver.away()
        with pytest.raises((OSError, http.client.HTTPException)):
            post(connection, {"id": "a", "revision": 0})
        connection.close()
        receiver.open()
        assert post(connection, {"id": "a", "revision": 1}) == 204
        connection.close()
        assert set(receiver.news) == {("a", 1)}
