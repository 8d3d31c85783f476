"""An edge device in twenty lines: readings from an MQTT broker, judged at once, alarms back to the broker.

Run it with ``python examples/edge.py room.tocsin localhost:1883``. It needs ``pip install "tocsin[stream]"``, and of
that NumPy, ONNX Runtime, pydantic and paho-mqtt alone. It remembers nothing over a restart; ``tocsin watch`` does.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

import tocsin
from tocsin.core.readings import Readings

scorer = tocsin.load(sys.argv[1])
host, _, port = sys.argv[2].partition(":")
channels, pipeline, devices = scorer.artifact.schema.names, scorer.pipeline(), dict[str, int]()


def judge(client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
    """Judge one reading, {"temperature": 21.5, …} on plant/NAME/env; publish what opens, changes or closes."""
    name, told = message.topic.split("/")[1], json.loads(message.payload)
    if name not in devices:
        devices[name] = len(devices)
        pipeline.join(list(devices))
    values = np.array([[told.get(channel, np.nan) for channel in channels]], np.float64)
    now = np.array([told.get("time_ns", time.time_ns())])
    reading = Readings(scorer.artifact.schema, device=np.array([devices[name]]), time=now, values=values)
    for event in pipeline.push(reading).events:
        alarm = {"device": name, "kind": event.kind, "severity": round(event.incident.severity, 2)}
        client.publish(f"plant/{name}/alarm", json.dumps(alarm), qos=1)


broker = mqtt.Client(CallbackAPIVersion.VERSION2)
broker.on_connect = lambda client, *_: client.subscribe("plant/+/env", qos=1)
broker.on_message = judge
broker.connect(host, int(port or 1883))
broker.loop_forever()
