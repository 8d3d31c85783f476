"""Real servers for tests and benchmarks: brokers, a database, an Alertmanager, our service; processes on the loopback.

Each is started with ``with``, on a free port, with its files in a temporary folder::

    with Mosquitto() as broker:
        watch(broker.url)
        broker.kill()
        broker.start()   # the same port, the same files

Linux only; :class:`MissingServerError` says which package brings one that is not installed.
"""

from __future__ import annotations

from tocsin.testing._server import HOST, MissingServerError, Server, free_port, listens
from tocsin.testing._server_alertmanager import Alertmanager
from tocsin.testing._server_kafka import KafkaBroker
from tocsin.testing._server_mosquitto import Mosquitto
from tocsin.testing._server_pages import Pages
from tocsin.testing._server_postgres import Postgres
from tocsin.testing._server_service import Service

__all__ = [
    "HOST",
    "Alertmanager",
    "KafkaBroker",
    "MissingServerError",
    "Mosquitto",
    "Pages",
    "Postgres",
    "Server",
    "Service",
    "free_port",
    "listens",
]
