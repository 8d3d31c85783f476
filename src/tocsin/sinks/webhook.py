"""A web hook: news of incidents posted to a web server, signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.sinks._bodies import Form, content_type, written, written_together
from tocsin.sinks._http import Answer, Poster
from tocsin.sinks._settings import own_settings
from tocsin.sinks.wire.unreachable import UnreachableError


@dataclass(frozen=True)
class _Settings:
    secret: str = field(default="", repr=False)
    secret_env: str = ""
    format: Form = "json"
    batch: int = 1
    timeout_s: float = 10.0
    headers: str = field(default="", repr=False)
    ca: str = ""


class Webhook(Sink):
    """Posts to a web server, signed: ``webhook:https://example.com/hook?secret_env=HOOK_SECRET``.

    A signature is that of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 with the secret over
    ``<webhook-id>.<webhook-timestamp>.<body>``, so that its libraries can check it. ``webhook-id``, also sent as
    ``Idempotency-Key``, is the same whenever the same news is sent again.

    Answers from 200 to 299 mean taken; 400 to 499 but 408, 425 and 429 mean never, and the notice is put aside; all
    else, and no answer, is tried again later. Redirects are not followed. Proxies are those of the environment.

    Parameters
    ----------
    url
        Where to post.
    secret
        What signs; b"" for no signature.
    form
        "json" or "cloudevents".
    batch
        How many notices are posted at a time: 1 as an object, more as an array.
    timeout_s
        So long a post may take in all.
    headers
        Further headers, names and values.
    ca
        A file of certificates to trust instead of the system's; "" for those.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: bytes = b"",
        form: Form = "json",
        batch: int = 1,
        timeout_s: float = 10.0,
        headers: Sequence[tuple[str, str]] = (),
        ca: str = "",
    ) -> None:
        if batch < 1 or timeout_s <= 0:
            raise SettingError("batch counts from 1, timeout from above 0.", remedy="For example: batch=50&timeout=10s")
        self._poster = Poster(url, timeout_s=timeout_s, ca=ca)
        self._secret = secret
        self._form: Form = form
        self._batch = batch
        self._headers = dict(headers)

    @classmethod
    def parse(cls, text: str) -> Webhook:
        """Return the web hook written as ``text``; what behind ``?`` is no setting of ours stays in the address.

        ``secret=…`` or ``secret_env=NAME`` (a variable of the environment), ``format=cloudevents``, ``batch=50``,
        ``timeout=10s``, ``headers=Name:value;Name:value``, ``ca=FILE``.
        """
        url, settings = own_settings(text, _Settings)
        return cls(
            url,
            secret=_secret(settings),
            form=settings.format,
            batch=settings.batch,
            timeout_s=settings.timeout_s,
            headers=_headers(settings.headers),
            ca=settings.ca,
        )

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Post notices, in order; once the server does not answer, or is busy, the rest is not tried."""
        failures: list[Failure] = []
        for begin in range(0, len(notices), self._batch):
            some = notices[begin : begin + self._batch]
            try:
                answer = self._post(some)
            except UnreachableError as error:
                return [*failures, *_failed(notices[begin:], str(error))]
            if answer.busy:
                return [*failures, *_failed(notices[begin:], str(answer))]
            failures += self._refused(some, answer)
        return failures

    def close(self) -> None:
        """Close the connection."""
        self._poster.close()

    def _refused(self, some: Sequence[Notice], answer: Answer) -> Sequence[Failure]:
        """Return what an answer means for notices; one among many that can never be taken is looked for."""
        if answer.taken:
            return ()
        if answer.final and len(some) > 1:
            middle = len(some) // 2
            return [*self._again(some[:middle]), *self._again(some[middle:])]
        return _failed(some, str(answer), final=answer.final)

    def _again(self, some: Sequence[Notice]) -> Sequence[Failure]:
        try:
            return self._refused(some, self._post(some))
        except UnreachableError as error:
            return _failed(some, str(error))

    def _post(self, some: Sequence[Notice]) -> Answer:
        together = self._batch > 1
        body = written_together(some, self._form) if together else written(some[0], self._form)
        kind = content_type(self._form, together=together)
        name = _name(some)
        signed = signature(self._secret, name, int(time.time()), body) if self._secret else {}
        own = {"Content-Type": kind, "User-Agent": "tocsin", "Idempotency-Key": name, "webhook-id": name}
        return self._poster.post(body, {**self._headers, **own, **signed})


def signature(secret: bytes, name: str, time_s: int, body: bytes) -> dict[str, str]:
    """Return the headers that prove who posted, and when.

    >>> signature(b"key", "1f-0", 1_700_000_000, b"{}")["webhook-signature"]
    'v1,YTWe1p3yCKT2ceOKW/ktxPOnWMpXT0vETM9SwWhnTgo='
    """
    proof = hmac.new(secret, f"{name}.{time_s}.".encode() + body, hashlib.sha256).digest()
    told = {"webhook-id": name, "webhook-timestamp": str(time_s)}
    return {**told, "webhook-signature": f"v1,{base64.b64encode(proof).decode()}"}


def _name(some: Sequence[Notice]) -> str:
    """Return what a receiver tells repetitions by."""
    names = [f"{notice.id}-{notice.revision}" for notice in some]
    return names[0] if len(names) == 1 else hashlib.blake2b("\n".join(names).encode(), digest_size=12).hexdigest()


def _failed(notices: Sequence[Notice], reason: str, *, final: bool = False) -> list[Failure]:
    return [Failure(notice, reason, final) for notice in notices]


def _secret(settings: _Settings) -> bytes:
    """Return the secret's bytes; as Standard Webhooks has it, base64 behind ``whsec_``, else as it is written."""
    text = settings.secret or os.environ.get(settings.secret_env, "")
    if settings.secret_env and not text:
        raise SettingError(
            f"The variable {settings.secret_env!r} of the environment, for the secret, is empty.",
            remedy=f"Set it: export {settings.secret_env}=…",
        )
    if not text.startswith("whsec_"):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise SettingError(
            "The secret behind whsec_ is no base64.", remedy="Copy it whole, or leave whsec_ out."
        ) from None


def _headers(text: str) -> list[tuple[str, str]]:
    pairs = [part.partition(":") for part in text.split(";") if part.strip()]
    found = [(name.strip(), value.strip()) for name, _, value in pairs]
    if any(not name.replace("-", "").isalnum() or not value.isprintable() for name, value in found):
        raise SettingError("headers cannot be understood.", remedy="Write them as headers=X-Team:plant;X-Site:west")
    return found
