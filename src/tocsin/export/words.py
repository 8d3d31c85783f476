"""A proof in words and figures: what the command line, its JSON and the report have in common."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.export.proof import Proof
    from tocsin.export.target import Promise


def share(value: float) -> str:
    """Return a share as a reader wants it: nought as such, small ones as powers of ten, others in per cent.

    >>> share(0), share(1.7e-7), share(0.0213), share(float("inf"))
    ('0', '1.7e-07', '2.13 %', 'no limit')
    """
    if value == 0:
        return "0"
    if math.isinf(value):
        return "no limit"
    return f"{100 * value:.3g} %" if value >= 1e-4 else f"{value:.2g}"


def promised(promise: Promise) -> str:
    """Return a promise in a sentence or two.

    >>> from tocsin.export.target import Promise
    >>> print(promised(Promise(apart=1e-5, margin=1e-5)))
    Promised: scores at most 1e-05 of max(|score|, limit) apart; the same verdict wherever the score is more than 1e-05
    of the limit off it.
    >>> print(promised(Promise(apart=float("inf"), margin=0.05, agreement=0.999)))
    Promised: the same verdict wherever the score is more than 5 % of the limit off it, and for 99.9 % of normal windows
    wherever theirs lie.
    """
    scores = (
        "" if math.isinf(promise.apart) else f"scores at most {share(promise.apart)} of max(|score|, limit) apart; "
    )
    verdicts = f"the same verdict wherever the score is more than {share(promise.margin)} of the limit off it"
    least = f", and for {100 * promise.agreement:.4g} % of normal windows wherever theirs lie"
    normal = "" if promise.agreement == 1 else least
    return f"Promised: {scores}{verdicts}{normal}."


def proof_facts(proof: Proof) -> dict[str, Any]:
    """Return a proof as JSON takes it; what is infinite is null."""
    return {
        "passed": not proof.failed,
        "limit": proof.limit,
        "promise": {name: _finite(value) for name, value in asdict(proof.promise).items()},
        "kinds": [
            {name: _finite(value) for name, value in asdict(held).items()} | {"agreement": held.agreement}
            for held in proof.held
        ],
        "failures": list(proof.failures),
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
