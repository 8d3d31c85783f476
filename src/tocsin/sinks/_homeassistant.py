"""Home Assistant's MQTT discovery: what makes a device appear there by itself.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

from __future__ import annotations

import hashlib
import json
import re

from tocsin.core.notices import Notice
from tocsin.sinks._bodies import Form

_NAMES = {"anomaly": "Anomaly", "stale": "Silence"}


def sensor(notice: Notice, topic: str, form: Form) -> tuple[str, bytes]:
    """Return where a sensor is announced, behind the prefix, and what is announced: on while the incident is open.

    Parameters
    ----------
    notice
        News of the device.
    topic
        Where that is published.
    form
        How it is written.
    """
    inside = "value_json.data" if form == "cloudevents" else "value_json"
    known = _known(notice)
    told = {
        "name": _NAMES[notice.what],
        "unique_id": f"{known}_{notice.what}",
        "device": {"identifiers": [known], "name": notice.device or "device", "manufacturer": "tocsin"},
        "origin": {"name": "tocsin"},
        "device_class": "problem",
        "state_topic": topic,
        "value_template": f"{{{{ 'ON' if {inside}.open else 'OFF' }}}}",
        "json_attributes_topic": topic,
        "json_attributes_template": f"{{{{ {inside} | tojson }}}}",
    }
    return f"binary_sensor/{known}_{notice.what}/config", json.dumps(told, ensure_ascii=False).encode()


def _known(notice: Notice) -> str:
    """Return a name in the letters that are allowed there, with a hash where those do not tell devices apart."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", notice.device)[:40]
    mark = hashlib.blake2b(f"{notice.duty}\x00{notice.device}".encode(), digest_size=4).hexdigest()
    return f"tocsin_{plain}_{mark}"
