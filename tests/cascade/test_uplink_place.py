"""Where an edge meets its centre: addresses as people write them, and those that cannot be."""

from __future__ import annotations

import socket

import pytest

from tocsin.cascade.uplink_place import UplinkPlace, own_name
from tocsin.core.errors import SettingError


def test_an_address_with_everything() -> None:
    place = UplinkPlace.parse("mqtts://anna:secret@centre:8884/plant/tocsin/?ca=ca.pem&insecure", where="here")
    assert (place.address.host, place.address.port, place.base) == ("centre", 8884, "plant/tocsin")
    assert place.tls == ("ca.pem", "", "", True)
    assert place.topic("hall-3", "windows") == "plant/tocsin/hall-3/windows"
    assert "secret" not in repr(place)


def test_without_tls_there_are_no_certificates() -> None:
    assert UplinkPlace.parse("mqtt://centre/tocsin", where="here").tls is None


@pytest.mark.parametrize(
    "wrong",
    ["http://centre/tocsin", "mqtt://centre", "mqtt://centre/a/#", "mqtt://centre/+/a", "mqtt:centre/a",
     "mqtt://centre/a?ca=x", "mqtt://centre/a?qos=1", ""],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(wrong: str) -> None:
    with pytest.raises(SettingError, match="here"):
        UplinkPlace.parse(wrong, where="here")


def test_an_edge_is_called_as_its_machine_unless_it_is_named() -> None:
    assert own_name("") == socket.gethostname()
    assert own_name("hall-3") == "hall-3"
