"""Where an export breaks its promise: a sentence for each way, with the window that shows it best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.export.words import share

if TYPE_CHECKING:
    from tocsin.export.held import Held
    from tocsin.export.proof import Proof


def broken(proof: Proof) -> tuple[str, ...]:
    """Return what is wrong, kind by kind; nothing where the promise holds."""
    return tuple(sentence for held in proof.held for sentence in _of(proof, held))


def _of(proof: Proof, held: Held) -> Iterator[str]:
    own, promise = proof.of(held.kind), proof.promise
    lost = own & np.isnan(proof.other.score) & ~np.isnan(proof.own.score)
    turned = own & proof.turned & proof.outside
    far = own & (proof.apart > promise.apart)
    if lost.any():
        yield _said(proof, held, lost, f"{_counted(lost, held)} gets no score", worst=proof.apart)
    if turned.any():
        away = np.abs(proof.own.score.astype(np.float64) - proof.limit)
        words = (
            f"{_verdicts(turned, held)} turned although the score is more than {share(promise.margin)} off the limit"
        )
        yield _said(proof, held, turned, words, worst=away)
    elif far.any() and not lost.any():
        words = f"{_scores(far, held)} off by more than {share(promise.apart)}, up to {share(held.apart)}"
        yield _said(proof, held, far, words, worst=proof.apart)
    elif held.shares_apart is not None and held.shares_apart > promise.apart:
        yield (
            f"{_on(held)}, the channels' shares of the score are off by up to {share(held.shares_apart)}, promised "
            f"are {share(promise.apart)}."
        )
    if held.kind == "normal" and held.agreement < promise.agreement:
        yield (f"{_on(held)}, {held.agreement:.3%} of the verdicts are the same, promised are {promise.agreement:.3%}.")


def _said(proof: Proof, held: Held, which: BoolArray, words: str, *, worst: FloatArray) -> str:
    """Return a sentence that shows the worst of some windows."""
    place = int(np.flatnonzero(which)[np.argmax(worst[which])])
    return (
        f'{_on(held)}, {words}. The worst is "{proof.golden.words[place]}": artifact {proof.own.score[place]:.6g}, '
        f"export {proof.other.score[place]:.6g}, limit {proof.limit:.6g}."
    )


def _on(held: Held) -> str:
    return f'On windows of the kind "{held.kind}"'


def _counted(which: BoolArray, held: Held) -> str:
    return f"{which.sum()} of {held.windows}"


def _verdicts(which: BoolArray, held: Held) -> str:
    return f"{_counted(which, held)} verdicts {'is' if which.sum() == 1 else 'are'}"


def _scores(which: BoolArray, held: Held) -> str:
    return f"{_counted(which, held)} scores {'is' if which.sum() == 1 else 'are'}"
