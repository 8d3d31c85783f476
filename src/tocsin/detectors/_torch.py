"""The training loop that all PyTorch detectors share. Imported inside ``fit`` only: PyTorch takes a second to load."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch

from tocsin.core.arrays import IntArray
from tocsin.core.errors import SettingError
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._spaced import spaced

N = TypeVar("N", bound=torch.nn.Module)

Loss = Callable[[N, torch.Tensor], torch.Tensor]
"""Mean loss of a network over a batch of windows of shape (batch, window, channels)."""

_VALIDATION_BATCH = 1024


@dataclass(frozen=True)
class Plan:
    """How to train; the fields are explained where a detector offers them as settings."""

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int
    max_windows: int
    device: str
    seed: int


@dataclass(frozen=True, eq=False)
class Trained(Generic[N]):
    """A trained network, on the CPU and in evaluation mode, and its loss after each epoch."""

    network: N
    curves: dict[str, tuple[float, ...]]


@dataclass
class _Course:
    """What a training remembers from epoch to epoch."""

    training: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: dict[str, Any] = field(default_factory=dict)

    @property
    def since_best(self) -> int:
        """Epochs since the least validation loss."""
        return len(self.validation) - 1 - self.validation.index(min(self.validation))

    def curves(self) -> dict[str, tuple[float, ...]]:
        curves = {"training_loss": tuple(self.training), "validation_loss": tuple(self.validation)}
        return {name: curve for name, curve in curves.items() if curve}


def train(build: Callable[[], N], loss: Loss[N], windows: Windows, *, plan: Plan) -> Trained[N]:
    """Train the network that ``build`` makes with Adam (Kingma & Ba 2015) until the plan says stop.

    Batches are gathered when their turn comes, so memory grows with the series and not with the overlapping windows.

    Parameters
    ----------
    build
        Makes the network, with weights drawn from PyTorch's seeded global generator.
    loss
        What to minimise.
    windows
        What to learn from; ``windows.validation`` decides when to stop, where there is any and patience is above 0.
    plan
        The settings.

    Raises
    ------
    SettingError
        If there is no such device, or the loss is no longer finite.
    """
    device = _device(plan.device)
    with _reproducible(plan.seed, device):
        network = build().to(device)
        course = _train(network, loss, windows, plan=plan, device=device)
    if course.best:
        network.load_state_dict(course.best)
    return Trained(network.cpu().eval(), course.curves())


def _train(network: N, loss: Loss[N], windows: Windows, *, plan: Plan, device: torch.device) -> _Course:
    trainable = [weight for weight in network.parameters() if weight.requires_grad]
    optimiser = torch.optim.Adam(trainable, lr=plan.learning_rate, fused=True)
    course, chosen = _Course(), spaced(len(windows), plan.max_windows)
    held_out = windows.validation if windows.validation is not None and len(windows.validation) else None
    for epoch in range(1, plan.epochs + 1):
        course.training.append(_epoch(network, loss, optimiser, _shuffled(windows, chosen, plan.batch_size, device)))
        note = f"loss {course.training[-1]:.4g}"
        if held_out is not None:
            course.validation.append(_mean_loss(network, loss, held_out, plan=plan, device=device))
            note += f", validation {course.validation[-1]:.4g}"
        _must_be_finite(course.training[-1])
        report("training", epoch, plan.epochs, note)
        if held_out is None or plan.patience == 0:
            continue
        if course.since_best == 0:
            course.best = copy.deepcopy(network.state_dict())
        elif course.since_best >= plan.patience:
            report("training", plan.epochs, plan.epochs, f"stopped after {epoch} epochs, {note}")
            break
    return course


def _epoch(network: N, loss: Loss[N], optimiser: torch.optim.Optimizer, batches: Iterator[torch.Tensor]) -> float:
    network.train()
    total, rows = 0.0, 0
    for batch in batches:
        optimiser.zero_grad()
        mean = loss(network, batch)
        mean.backward()  # type: ignore[no-untyped-call]  # PyTorch leaves it untyped
        optimiser.step()
        total, rows = total + mean.item() * len(batch), rows + len(batch)
    return total / rows


def _mean_loss(network: N, loss: Loss[N], windows: Windows, *, plan: Plan, device: torch.device) -> float:
    network.eval()
    chosen, total = spaced(len(windows), plan.max_windows), 0.0
    with torch.no_grad():
        for batch in _batches(windows, chosen, _VALIDATION_BATCH, device):
            total += loss(network, batch).item() * len(batch)
    return total / len(chosen)


def _shuffled(windows: Windows, chosen: IntArray, size: int, device: torch.device) -> Iterator[torch.Tensor]:
    return _batches(windows, chosen[torch.randperm(len(chosen)).numpy()], size, device)


def _batches(windows: Windows, order: IntArray, size: int, device: torch.device) -> Iterator[torch.Tensor]:
    for start in range(0, len(order), size):
        yield torch.from_numpy(windows.take(order[start : start + size])).to(device)


def _must_be_finite(loss: float) -> None:
    if not loss < float("inf"):
        raise SettingError(
            "The training diverged: its loss is no longer a finite number.",
            remedy="Lower learning_rate, or let the readings be scaled (--scale minmax).",
        )


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingError("There is no CUDA device that PyTorch can use.", remedy="Use --device cpu, or auto.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


@contextmanager
def _reproducible(seed: int, device: torch.device) -> Iterator[None]:
    """Seed PyTorch and forbid what varies from run to run; put everything back as it was afterwards.

    On CUDA only cuDNN is held to it: PyTorch's stricter switch wants environment variables set before it starts.
    On the CPU one thread works: steps take milliseconds, more threads wait for each other by spinning, and on a machine
    that does anything else a training would take fifty times as long. One is also the same on every machine.
    """
    strict, steady = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.deterministic
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=None if device.type == "cuda" else []):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(strict or device.type == "cpu")
        torch.backends.cudnn.deterministic = True
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(strict)
            torch.backends.cudnn.deterministic = steady
