"""Conformance of a detector at work: as a stream, among other devices, after a restart, on a host without training.

Slices are found with Hypothesis, which these checks need beside the extra ``train``.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.readings import Readings
from tocsin.core.reference import Reference
from tocsin.core.verdicts import Status, Verdicts
from tocsin.core.windows import Windows
from tocsin.engine.pipeline import Pipeline
from tocsin.graph.fold import scaled
from tocsin.graph.run import Runner
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.sources import Layout
from tocsin.testing._graph_checks import SEED, Trial
from tocsin.testing._toy import CHANNELS, PERIOD_NS, readings, schema, stream
from tocsin.thresholds.fixed import Fixed

_DEVICES = ("calm", "restless")
_HOLD = 3
_TIMEOUT_S = 120
_BLOCKED = ("torch", "sklearn", "pandas", "onnx", "scipy", "matplotlib", "tocsin.detectors")


def any_slicing_is_the_same(trial: Trial) -> None:
    """However the stream is cut, the verdicts are the same to the last bit."""
    from hypothesis import given, settings
    from hypothesis import strategies as st

    whole_stream, sealed = stream(trial.length), artifact(trial)
    whole = _run(sealed, [whole_stream])
    rows = st.integers(0, len(whole_stream))

    @settings(max_examples=15, deadline=None, database=None, derandomize=True)
    @given(st.lists(rows, max_size=6))
    def cut(places: list[int]) -> None:
        bounds = [0, *sorted(places), len(whole_stream)]
        parts = [whole_stream.take(slice(a, b)) for a, b in itertools.pairwise(bounds)]
        _assert_same(_run(sealed, parts), whole, f"cut at {bounds[1:-1]}")

    cut()
    single = [whole_stream.take(slice(k, k + 1)) for k in range(len(whole_stream))]
    _assert_same(_run(sealed, single), whole, "reading by reading")


def stream_is_the_batch(trial: Trial) -> None:
    """A reading's score is the graph's, to the last bit, of the window that this reading ends."""
    whole, sealed = stream(trial.length), artifact(trial)
    found = _run(sealed, [whole])
    undisturbed = found.device == 1
    series = whole.values[whole.device == 1].astype(np.float32)
    end = np.arange(trial.length - 1, len(series))
    batch = Runner(sealed.graph)(Windows(series, end, trial.length).take(slice(None)))
    assert np.array_equal(found.score[undisturbed][end], batch.score), "the stream's windows are not the batch's"


def devices_stay_apart(trial: Trial) -> None:
    """What one device sends, however wild, changes nothing for another."""
    whole, sealed = stream(trial.length), artifact(trial)
    mine = whole.device == 0
    values = whole.values.copy()
    values[~mine] *= 1e6
    alone = _run(sealed, [whole.take(mine)])
    for company, others in (("calm", whole), ("wild", readings(whole.device, whole.time, values))):
        for what, size in (("at once", len(whole)), ("in rounds of one reading each", 2)):
            parts = [others.take(slice(k, k + size)) for k in range(0, len(whole), size)]
            among = _run(sealed, parts)
            _assert_same(among.take(among.device == 0), alone, f"beside a {company} device, {what}")


def the_future_does_not_matter(trial: Trial) -> None:
    """A verdict is the same whatever is read after it."""
    whole, sealed = stream(trial.length), artifact(trial)
    known = 2 * trial.length + 30
    other = whole.values.copy()
    other[known:] = 0.0
    usual = _run(sealed, [whole])
    changed = _run(sealed, [readings(whole.device, whole.time, other)])
    before = np.arange(known)
    _assert_same(changed.take(before), usual.take(before), "before another future")


def each_reading_has_its_status(trial: Trial) -> None:
    """The first readings warm up; repeated, late and timeless ones are turned away; a long silence is a gap."""
    found, length = _run(artifact(trial), [stream(trial.length)]), trial.length
    restless = found.status[found.device == 0]
    expected = {
        "warming": (slice(0, length - 1), Status.warming),
        "a full window": (slice(length - 1, length + 5), Status.ok),
        "a repeated time": (slice(length + 5, length + 6), Status.late),
        "an earlier time": (slice(length + 9, length + 10), Status.late),
        "no time": (slice(length + 12, length + 13), Status.invalid),
        "a silence that is still bridged": (slice(length + 20, length + 20 + _HOLD), Status.ok),
        "a silence": (slice(length + 21 + _HOLD, length + 40), Status.gap),
    }
    for what, (where, status) in expected.items():
        got = [Status(code).name for code in np.unique(restless[where])]
        assert got in ([status.name], []), f"{what} has the status {got}, not {status.name}"
    calm = found.device == 1
    assert (found.status[calm][length - 1 :] == Status.ok).all(), "a device has a status for another's fault"
    assert np.array_equal(np.isnan(found.score), found.status != Status.ok), "scores are there when and only when ok"


def scores_without_training_libraries(trial: Trial) -> None:
    """A host without PyTorch, scikit-learn, pandas or ONNX loads the artifact and gives the same verdicts."""
    whole = stream(trial.length)
    usual = _run(artifact(trial), [whole])
    with TemporaryDirectory() as folder:
        bundle.save(artifact(trial), Path(folder, "artifact.tocsin"))
        _keep(whole, Path(folder, "readings.npz"))
        _elsewhere(_SCORE, folder)
        _assert_kept(Path(folder, "verdicts.npz"), usual, "on a host without training libraries")


def goes_on_after_a_kill(trial: Trial) -> None:
    """A process that is killed after a snapshot is taken over by another one without a difference."""
    whole = stream(trial.length)
    half = len(whole) // 2 + trial.length // 2
    usual = _run(artifact(trial), [whole])
    with TemporaryDirectory() as folder:
        bundle.save(artifact(trial), Path(folder, "artifact.tocsin"))
        _keep(whole.take(slice(0, half)), Path(folder, "readings.npz"))
        _elsewhere(_SCORE + _KILLED, folder, code=9)
        _keep(whole.take(slice(half, None)), Path(folder, "readings.npz"))
        _elsewhere(_RESTORED + _SCORE, folder)
        rest = usual.take(np.arange(half, len(usual)))
        _assert_kept(Path(folder, "verdicts.npz"), rest, "after a kill and a restore")


def artifact(trial: Trial) -> Artifact:
    """Return the detector's graph sealed with a limit that the toy's strange windows exceed."""
    graph = trial.graph
    if trial.kind.default_scale != "none":
        graph = scaled(graph, offset=np.zeros(CHANNELS), factor=np.ones(CHANNELS), clip=100.0)
    limit = max(float(np.quantile(trial.runner(trial.toy.normal).score, 0.9)), 1e-6)
    return Artifact(
        schema=schema(),
        layout=Layout(channels=schema().channels),
        window=trial.length,
        clock=Clock(CHANNELS, PERIOD_NS, hold=_HOLD, restart=_HOLD + trial.length),
        impute=Impute(CHANNELS, hold_ns=_HOLD * PERIOD_NS + PERIOD_NS // 2),
        graph=graph.onnx,
        calibration=Calibration(f"fixed:{limit!r}", Fixed(limit).fit(Reference.of(np.zeros(0))).limits, "stated", 0),
        policy=Policy(CHANNELS),
        reference=np.full(CHANNELS, 0.5),
        evidence=Reference.of(np.zeros(0)),
        provenance=_provenance(trial, graph.curves),
    )


def _provenance(trial: Trial, curves: object) -> Provenance:
    assert isinstance(curves, dict)
    return Provenance(
        detector=trial.kind.__name__,
        settings={},
        scale=trial.kind.default_scale,
        seed=SEED,
        fingerprint="",
        rows=0,
        devices=len(_DEVICES),
        start=0,
        end=0,
        row_clock=False,
        windows={"training": len(trial.toy.learned)},
        versions={},
        curves=curves,
    )


def _run(sealed: Artifact, parts: list[Readings]) -> Verdicts:
    pipeline = Pipeline(sealed)
    pipeline.join(_DEVICES)
    return Verdicts.join([*(pipeline.push(part) for part in parts), pipeline.flush()])


def _assert_same(found: Verdicts, usual: Verdicts, when: str) -> None:
    for name in ("device", "time", "score", "limit", "status", "by_channel", "incident", "expected"):
        one, other = getattr(found, name), getattr(usual, name)
        assert one.shape == other.shape, f"{when}: {len(one)} verdicts instead of {len(other)}"
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), f"{when}: {name} differs"


def _keep(some: Readings, path: Path) -> None:
    np.savez(path, device=some.device, time=some.time, values=some.values)


def _assert_kept(path: Path, usual: Verdicts, when: str) -> None:
    with np.load(path) as kept:
        found = Verdicts(**{f.name: kept[f.name] for f in fields(Verdicts) if f.name != "events"})
    _assert_same(found, usual, when)


def _elsewhere(script: str, folder: str, *, code: int = 0) -> None:
    """Run ``script`` in a process of its own in which the training libraries cannot be imported."""
    blocked = f"import sys\nfor name in {_BLOCKED!r}:\n    sys.modules[name] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", blocked + _LOAD + script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == code, done.stderr


_LOAD = f"""
import os
import numpy as np
from tocsin.artifact import bundle
from tocsin.core.readings import Readings
from tocsin.core.reference import Reference
from tocsin.engine.pipeline import Pipeline
artifact = bundle.load("artifact.tocsin")
pipeline = Pipeline(artifact)
pipeline.join({_DEVICES!r})
with np.load("readings.npz") as kept:
    readings = Readings(artifact.schema, kept["device"], kept["time"], kept["values"])
"""
_SCORE = """
found = pipeline.push(readings)
np.savez("verdicts.npz", **{name: value for name, value in vars(found).items() if name != "events"})
"""
_KILLED = """
with open("snapshot", "wb") as file:
    file.write(pipeline.snapshot())
os._exit(9)
"""
_RESTORED = """
with open("snapshot", "rb") as file:
    pipeline.restore(file.read())
"""

CHECKS = (
    stream_is_the_batch,
    any_slicing_is_the_same,
    devices_stay_apart,
    the_future_does_not_matter,
    each_reading_has_its_status,
    scores_without_training_libraries,
    goes_on_after_a_kill,
)
