"""The scale that an artifact's graph begins with, taken out of it, so that what learns on sees what it saw before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.graph import onnx_package, parse
from tocsin.graph.fold import scaled
from tocsin.prepare.scale import Scaling

_OFFSET, _FACTOR, _HIGHEST = "scaling_offset", "scaling_factor", "scaling_highest"


@dataclass(frozen=True, eq=False)
class Front:
    """What stands in front of a detector's own graph.

    Parameters
    ----------
    scaling
        The scale; None where the detector sees raw units.
    """

    scaling: Scaling | None

    def values(self, series: Float32Array) -> Float32Array:
        """Return a series of shape (n, channels), raw, as the detector sees it."""
        return series if self.scaling is None else self.scaling(series)

    def fold(self, graph: Graph) -> Graph:
        """Return a detector's graph as one that takes raw windows."""
        own = self.scaling
        return graph if own is None else scaled(graph, offset=own.offset, factor=own.factor, clip=own.clip)


def front_of(artifact: Artifact) -> Front:
    """Take the scale out of an artifact's graph; its numbers are those of the graph, to the last place.

    Raises
    ------
    SettingError
        If it has a scale that the graph does not show.
    """
    if artifact.provenance.scale == "none":
        return Front(None)
    numpy = onnx_package().numpy_helper
    held = {tensor.name: tensor for tensor in parse(artifact.graph).graph.initializer}
    if not {_OFFSET, _FACTOR, _HIGHEST} <= held.keys():
        raise SettingError(
            "The scale of this artifact's graph cannot be told.", remedy="Train it again, or use: tocsin distill"
        )
    offset, factor, clip = (numpy.to_array(held[name]).astype(np.float64) for name in (_OFFSET, _FACTOR, _HIGHEST))
    return Front(Scaling(offset, factor, clip if clip.ndim else float(clip)))
