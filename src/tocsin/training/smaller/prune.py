"""Structured pruning: whole units leave a trained network, and what is left learns on, so that it is really smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.provenance import Provenance
from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.discover import load
from tocsin.core.errors import InputError, SettingError
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors.learning.common import spaced
from tocsin.export.parameters import parameters
from tocsin.export.starting import starting_limit
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.sources import Table
from tocsin.training.band import band_of
from tocsin.training.calibrate import calibrate
from tocsin.training.parts import Parts, split, windows_of
from tocsin.training.ready import require_training
from tocsin.training.recipe import detector_settings
from tocsin.training.rule import threshold_of
from tocsin.training.settle import LEAST
from tocsin.training.smaller._front import Front, front_of
from tocsin.training.smaller._slimmed import SLIMMED

if TYPE_CHECKING:
    from torch import nn

    from tocsin.detectors.learning.common import Reconstruction
    from tocsin.detectors.learning.networks import Loss

_LOOKED_AT = 2048
"""Windows from which it is told how much a unit contributes."""

_BETWEEN = 5
"""Between two rounds, a fifth of the epochs is learned: enough to see which units matter once others are gone."""

_ACROSS_HOSTS = 1e-5
"""How far scores of one network may be apart that was sealed on another host, or by an earlier version."""


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """How a network is made smaller.

    Parameters
    ----------
    keep
        Share of the units of each layer that stays, above 0 and below 1. The code of a dense or convolutional
        autoencoder, which is what it can hold of a window, stays as wide as it is.
    rounds
        In how many steps the units leave; each is followed by learning.
    seed
        Of the learning.
    """

    keep: float = 0.5
    rounds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.keep < 1:
            raise SettingError(f"keep is {self.keep!r}.", remedy="It is the share of units that stays: --keep 0.5")
        if not 1 <= self.rounds <= 20:
            raise SettingError(f"rounds is {self.rounds!r}.", remedy="Give --rounds 1 to 20.")

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of the first network's units that is left after each round.

        >>> Pruning(keep=0.25, rounds=2).shares
        (0.5, 0.25)
        """
        return tuple(self.keep ** ((k + 1) / self.rounds) for k in range(self.rounds))


def pruned(artifact: Artifact, readings: Table, pruning: Pruning = Pruning()) -> Artifact:
    """Return a smaller artifact: the same network with fewer units, and a limit found on its own scores.

    Whole units and filters go, those without which the loss would change least (Molchanov et al. 2017, "Pruning
    convolutional neural networks for resource efficient inference"), so that what is left is an ordinary, narrower
    network (Li et al. 2017, "Pruning filters for efficient ConvNets"). Window, scale, threshold and policy stay.

    Parameters
    ----------
    artifact
        An autoencoder, cnn_autoencoder or lstm_autoencoder without steps that add columns.
    readings
        Normal readings of the same channels, best those that it has learned from; labelled anomalies are kept out.
    pruning
        How much smaller, and how.

    Raises
    ------
    SettingError
        If it is another detector, or was learned with steps that add columns.
    InputError
        If there are too few readings to learn from.
    """
    require_training()
    detector = _detector(artifact)
    front = front_of(artifact)
    table, parts = _parts(artifact, readings)
    windows = windows_of(front.values(parts.series), parts, length=artifact.window)
    slim, graph = _learned_on(detector, artifact, front, windows, pruning)
    return _sealed(artifact, graph, slim, (table, parts), pruning)


def _detector(artifact: Artifact) -> Reconstruction:
    """Return the artifact's detector with its settings."""
    name, own = artifact.provenance.detector, artifact.provenance
    if name not in SLIMMED:
        raise SettingError(
            f"No unit can be taken out of {name}.",
            remedy=f"Pruned are: {', '.join(SLIMMED)}. Anything becomes smaller with: tocsin distill",
        )
    columns = {"degrees", "radians"} & set(artifact.kinds)
    if own.prepare or columns:
        why = f"steps that add columns ({', '.join(own.prepare)})" if own.prepare else "angles"
        raise SettingError(f"This artifact was learned with {why}.", remedy="Make it smaller with: tocsin distill")
    made: Reconstruction = load("detectors", name)(**detector_settings(name, own.settings))
    return made


def _parts(artifact: Artifact, readings: Table) -> tuple[Table, Parts]:
    table = readings.in_time_order()
    if table.readings.schema.names != artifact.schema.names:
        raise InputError(
            f"The readings' channels are {', '.join(table.readings.schema.names)}; "
            f"the artifact was trained on {', '.join(artifact.schema.names)}.",
            remedy="Give the channels it was trained on, in that order.",
        )
    threshold = threshold_of(artifact.calibration.threshold)
    parts = split(
        table,
        clock=artifact.clock,
        impute=artifact.impute,
        length=artifact.window,
        kinds=artifact.kinds,
        held_out=threshold.share if threshold.reference == "calibration" else 0.0,
    )
    if len(parts.training) < LEAST:
        raise InputError(
            f"There are too few readings: only {len(parts.training)} complete normal windows of {artifact.window} "
            "readings lie in the training part.",
            remedy="Give more readings.",
        )
    return table, parts


def _learned_on(
    detector: Reconstruction, artifact: Artifact, front: Front, windows: Windows, pruning: Pruning
) -> tuple[Reconstruction, Graph]:
    """Return the detector with its narrower settings, and the graph of its network."""
    from tocsin.detectors.learning.networks import train

    shape = (artifact.window, len(artifact.schema))
    network = _restored(detector, artifact, front)
    lesson, slim, curves = detector.lesson(), detector, {}
    seen = windows.take(spaced(len(windows), _LOOKED_AT))
    for done, share in enumerate(pruning.shares):
        report("pruning", done, pruning.rounds, f"{share:.0%} of the units")
        slim = SLIMMED[artifact.provenance.detector](detector, share)
        smaller = _thinner(network, slim.build(*shape), lesson, seen)
        plan = slim.plan(pruning.seed)
        if done < pruning.rounds - 1:
            plan = replace(plan, epochs=-(-plan.epochs // _BETWEEN))
        trained = train(_given(smaller), lesson, windows.every(slim.stride), plan=plan)
        network, curves = trained.network, trained.curves
    report("pruning", pruning.rounds, pruning.rounds)
    return slim, replace(front.fold(_graph(slim, network, shape)), curves=curves)


def _restored(detector: Reconstruction, artifact: Artifact, front: Front) -> nn.Module:
    """Return the artifact's network, as it was when it had learned."""
    from tocsin.training.smaller._chain import restore

    shape = (artifact.window, len(artifact.schema))
    network = detector.build(*shape).eval()
    restore(network, artifact.graph)
    again, normal = front.fold(_graph(detector, network, shape)), artifact.normal
    own, sealed = Runner(again.onnx)(normal).score, Runner(artifact.graph)(normal).score
    if not np.allclose(own, sealed, rtol=_ACROSS_HOSTS, atol=_ACROSS_HOSTS * starting_limit(artifact)):
        raise SettingError(
            "The network of this artifact cannot be brought back from its graph: it scores differently.",
            remedy="Train it again, or use: tocsin distill",
        )
    return network


def _thinner(network: nn.Module, smaller: nn.Module, lesson: Loss[nn.Module], seen: Float32Array) -> nn.Module:
    """Return ``smaller`` with the weights of those units of ``network`` that contribute most."""
    from tocsin.training.smaller._chain import layers_of, thin, units_of
    from tocsin.training.smaller._importance import importance, strongest

    matters = importance(network, lesson, seen)
    sizes = [units_of(layer) for layer in layers_of(smaller)[:-1]]
    thin(network, smaller, [strongest(own, size) for own, size in zip(matters, sizes, strict=True)])
    return smaller


def _given(network: nn.Module) -> Callable[[], nn.Module]:
    return lambda: network


def _graph(detector: Reconstruction, network: nn.Module, shape: tuple[int, int]) -> Graph:
    window, channels = shape
    return detector.sealed(Network(window=window, channels=channels), network)


def _sealed(
    artifact: Artifact, graph: Graph, slim: Reconstruction, prepared: tuple[Table, Parts], pruning: Pruning
) -> Artifact:
    """Return the artifact with another graph, and the limit that goes with it."""
    table, parts = prepared
    written = artifact.calibration.threshold
    calibration, policy, evidence = calibrate(
        graph.onnx,
        parts,
        table,
        written=written,
        threshold=threshold_of(written),
        length=artifact.window,
        clock=artifact.clock,
        policy=artifact.policy,
        stated=True,
    )
    return replace(
        artifact,
        graph=graph.onnx,
        calibration=calibration,
        policy=policy,
        evidence=evidence,
        band=band_of(graph.onnx, parts, length=artifact.window),
        provenance=_provenance(artifact, graph, slim, parts, pruning, warnings=calibration.warnings),
        earlier=(),
    )


def _provenance(
    artifact: Artifact,
    graph: Graph,
    slim: Reconstruction,
    parts: Parts,
    pruning: Pruning,
    *,
    warnings: tuple[str, ...],
) -> Provenance:
    before, after = parameters(artifact.graph), parameters(graph.onnx)
    told = (
        f"Pruned from a network of {before:,} parameters to {after:,}: {pruning.keep:.0%} of the units stay, in "
        f"{pruning.rounds} rounds, on {len(parts.training):,} windows.".replace("%", " %")
    )
    own = artifact.provenance
    return replace(
        own,
        settings=own.settings | {name: _text(value) for name, value in asdict(slim).items() if name in own.settings},
        seed=pruning.seed,
        windows={
            "training": len(parts.training),
            "validation": len(parts.validation),
            "calibration": len(parts.calibration),
            "kept out": parts.kept_out,
        },
        curves=dict(graph.curves),
        warnings=warnings,
        why=(*own.why, told),
    )


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
