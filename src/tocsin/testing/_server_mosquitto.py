"""Mosquitto for tests: the MQTT broker that most plants run."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.testing._server import HOST, Server, binary, listens


class Mosquitto(Server):
    """An MQTT broker, 3.1.1 and 5, that keeps sessions and what waits in them over :meth:`stop` and :meth:`start`.

    What it had taken since it last saved is lost when it is killed: that is Mosquitto's promise, not ours.

    Parameters
    ----------
    users
        Passwords by name; none lets everybody in.
    tls
        Speak TLS; :attr:`certificate` is then to be trusted.
    inflight
        Messages of QoS 1 that may be on their way to a client of MQTT 3.1.1 at a time; Mosquitto's default is 20, 0 is
        any number.
    keep_qos0
        Keep messages of QoS 0 for sessions that are away, too, which no promise asks for.
    """

    def __init__(
        self,
        *,
        users: Mapping[str, str] | None = None,
        tls: bool = False,
        inflight: int = 20,
        keep_qos0: bool = False,
        patience_s: float = 60.0,
    ) -> None:
        self._binary = binary("mosquitto", package="mosquitto")
        super().__init__(patience_s=patience_s)
        self._users, self._tls, self._inflight, self._keep_qos0 = dict(users or {}), tls, inflight, keep_qos0
        if tls:
            _certify(self.folder)

    @property
    def url(self) -> str:
        """``mqtt://host:port`` or ``mqtts://host:port``."""
        return f"{'mqtts' if self._tls else 'mqtt'}://{HOST}:{self.port}"

    @property
    def certificate(self) -> Path:
        """What a client of TLS must trust."""
        return self.folder / "certificate.pem"

    def command(self) -> Sequence[str]:
        """Return the command, having written its settings."""
        settings = [
            "user root",  # ignored by all but root, whose files it could not write otherwise
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_interval 5",
            "max_queued_messages 0",
            f"queue_qos0_messages {'true' if self._keep_qos0 else 'false'}",
            f"max_inflight_messages {self._inflight}",
            "set_tcp_nodelay true",
            "log_type error\nlog_type warning\nlog_type notice",
            f"allow_anonymous {'false' if self._users else 'true'}",
        ]
        if self._users:
            settings.append(f"password_file {self._passwords()}")
        settings.append(f"listener {self.port} {HOST}")
        if self._tls:
            settings += [f"certfile {self.certificate}", f"keyfile {self.folder / 'key.pem'}"]
        (self.folder / "settings").write_text("\n".join(settings) + "\n")
        return [self._binary, "-c", str(self.folder / "settings")]

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        return listens(self.port)

    def _passwords(self) -> Path:
        written = self.folder / "passwords"
        written.touch(mode=0o600)
        for name, password in self._users.items():
            tool = binary("mosquitto_passwd", package="mosquitto")
            subprocess.run([tool, "-b", str(written), name, password], check=True, capture_output=True)
        return written


def _certify(folder: Path) -> None:
    """Write a key and a certificate that its owner signed, good for a day, for the loopback."""
    command = [binary("openssl", package="openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,IP:{HOST}"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)
