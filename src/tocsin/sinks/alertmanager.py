"""Alertmanager: incidents as alerts of Prometheus, which routes, groups and silences them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tocsin.core.alerts import GRADES
from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice, rfc3339
from tocsin.sinks._http import Answer, Poster
from tocsin.sinks._settings import own_settings
from tocsin.sinks.wire.unreachable import UnreachableError

_PATH = "/api/v2/alerts"
_TOGETHER = 200


@dataclass(frozen=True)
class _Settings:
    lasts_s: float = 86_400.0
    link: str = ""
    timeout_s: float = 10.0
    ca: str = ""


class Alertmanager(Sink):
    """Alerts for Prometheus' Alertmanager, API v2: ``alertmanager:http://localhost:9093``.

    An alert is known by its labels: ``alertname`` (TocsinAnomaly or TocsinStale), ``device``, ``duty``, ``incident``
    and ``severity``, which is the incident's grade and what routes ask for. When the grade rises, the alert of the old
    one ends and one of the new one begins. All that changes otherwise stands in the annotations.

    Alertmanager forgets alerts when it restarts, and ends those that nobody renews. So all that is open is sent again
    every minute, and lasts for a day unless it is: tocsin being restarted ends no alert. A close sends the end.

    Parameters
    ----------
    url
        Where it is; a path before ``/api/v2/alerts`` is kept.
    lasts_s
        So long after it was last sent an alert ends by itself.
    link
        Where an alert leads to, with ``{id}`` for the incident and ``{device}`` for the device; "" for nowhere.
    timeout_s
        So long a post may take in all.
    ca
        A file of certificates to trust instead of the system's; "" for those.
    """

    repeat_s: float = 60.0

    def __init__(
        self, url: str, *, lasts_s: float = 86_400.0, link: str = "", timeout_s: float = 10.0, ca: str = ""
    ) -> None:
        if lasts_s < 5 * self.repeat_s or timeout_s <= 0:
            raise SettingError(
                "lasts is at least 5 minutes, timeout above 0.", remedy="For example: lasts=1d&timeout=10s"
            )
        self._poster = Poster(url.removesuffix("/").removesuffix(_PATH) + _PATH, timeout_s=timeout_s, ca=ca)
        self._lasts_ns = int(lasts_s * 1e9)
        self._link = link

    @classmethod
    def parse(cls, text: str) -> Alertmanager:
        """Return the Alertmanager at ``text``; ``//host`` alone means http and port 9093.

        ``lasts=1d``, ``link=https://wiki/{device}``, ``timeout=10s``, ``ca=FILE``.
        """
        url, settings = own_settings(text, _Settings, alone=True)
        if url.startswith("//"):
            url = f"http:{url}" if ":" in url.rpartition("@")[2].rpartition("]")[2] else f"http:{url.rstrip('/')}:9093"
        return cls(url, **vars(settings))

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Post the alerts of notices; once it does not answer, or is busy, the rest is not tried."""
        failures: list[Failure] = []
        for begin in range(0, len(notices), _TOGETHER):
            some = notices[begin : begin + _TOGETHER]
            try:
                answer = self._post(some)
            except UnreachableError as error:
                return [*failures, *(Failure(notice, str(error)) for notice in notices[begin:])]
            if not answer.taken:
                failures += [Failure(notice, str(answer), answer.final) for notice in some]
        return failures

    def close(self) -> None:
        """Close the connection."""
        self._poster.close()

    def _post(self, some: Sequence[Notice]) -> Answer:
        now = time.time_ns()
        latest = {notice.id: notice for notice in some}  # of an incident the last word counts
        alerts = [alert for notice in latest.values() for alert in self._alerts(notice, now)]
        return self._poster.post(json.dumps(alerts).encode(), {"Content-Type": "application/json"})

    def _alerts(self, notice: Notice, now: int) -> list[dict[str, Any]]:
        """Return the alert of an incident, and the end of those it had under lower grades."""
        until = now + self._lasts_ns if notice.open else min(max(notice.end, notice.start), now)
        lower = GRADES[: GRADES.index(notice.grade)]
        ended = [self._alert(notice, grade, min(notice.start, now), now) for grade in lower if notice.kind != "open"]
        return [self._alert(notice, notice.grade, min(notice.start, now), until), *ended]

    def _alert(self, notice: Notice, grade: str, start: int, until: int) -> dict[str, Any]:
        known = {
            "alertname": f"Tocsin{notice.what.capitalize()}",
            "device": notice.device,
            "duty": notice.duty,
            "incident": notice.id,
            "severity": grade,
        }
        leads = self._link.replace("{id}", notice.id).replace(
            "{device}", quote(notice.device, safe="", errors="replace")
        )
        return {
            "labels": {name: value for name, value in known.items() if value},
            "annotations": _annotations(notice),
            "startsAt": rfc3339(start),
            "endsAt": rfc3339(until),
            **({"generatorURL": leads} if leads else {}),
        }


def _annotations(notice: Notice) -> dict[str, str]:
    told = notice.document()
    causes = ", ".join(f"{channel} {100 * share:.0f} %" for channel, share in notice.causes)
    numbers = {name: f"{told[name]:.4g}" for name in ("score", "limit") if told[name] is not None}
    return {
        "summary": told["text"],
        "description": _described(notice, causes),
        **numbers,
        **({"causes": causes} if causes else {}),
        **({"artifact": notice.artifact} if notice.artifact else {}),
        "revision": str(notice.revision),
    }


def _described(notice: Notice, causes: str) -> str:
    """Return what an anomaly or a silence looks like, in sentences."""
    if notice.what == "stale":
        return f"Nothing has been heard of {notice.device} since {rfc3339(notice.start)}."
    peak = f"It began at {rfc3339(notice.start)} and was strongest at {rfc3339(notice.peak)}"
    blame = f" Causes: {causes}." if causes else ""
    return f"{peak}, score {notice.score:.4g} with a limit of {notice.limit:.4g}.{blame}"
