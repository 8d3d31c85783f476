"""The checks that every detector must pass, own and third parties', as small named tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from unittest import SkipTest

from tocsin.core.contracts import Detector
from tocsin.core.discover import load
from tocsin.testing import _graph_checks, _stream_checks
from tocsin.testing._graph_checks import Trial


@dataclass(frozen=True)
class Check:
    """One promise, held against one detector. Call it; it raises AssertionError if the promise is broken.

    Parameters
    ----------
    detector
        Name of the detector.
    name
        Name of the check.
    expected_failure
        Why the detector cannot pass it, or "". Then a failure raises :class:`unittest.SkipTest` with that reason, which
        test runners show as skipped, and a success raises AssertionError, so that old excuses do not stay.
    """

    detector: str
    name: str
    trial: Trial
    function: Callable[[Trial], None]
    expected_failure: str = ""

    @property
    def id(self) -> str:
        """The check's name in reports, such as "rolling_zscore:one_signature"."""
        return f"{self.detector}:{self.name}"

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return (self.function.__doc__ or "").strip()

    def __call__(self) -> None:
        """Check."""
        if not self.expected_failure:
            return self.function(self.trial)
        try:
            self.function(self.trial)
        except Exception as error:
            raise SkipTest(self.expected_failure) from error
        raise AssertionError(f"{self.id} passes: take it out of expected_failures")


def detector_checks(detector: str | type[Detector]) -> list[Check]:
    """Return the checks that a detector must pass.

    Parameters
    ----------
    detector
        Its name, or its class where it is not installed as a part. It is fitted with the settings in its ``quick``,
        once for most checks.

    Raises
    ------
    ValueError
        If its ``expected_failures`` names a check that does not exist.

    Examples
    --------
    In a test file of a package with a detector of its own::

        @pytest.mark.parametrize("check", detector_checks(MyDetector), ids=lambda check: check.id)
        def test_conforms(check):
            check()
    """
    kind = load("detectors", detector) if isinstance(detector, str) else detector
    name = detector if isinstance(detector, str) else detector.__name__
    functions = {function.__name__: function for function in (*_graph_checks.CHECKS, *_stream_checks.CHECKS)}
    if unknown := sorted(set(kind.expected_failures) - set(functions)):
        raise ValueError(f"{name} expects to fail {', '.join(unknown)}, but there is no such check")
    trial = Trial(kind)
    return [
        Check(name, key, trial, function, kind.expected_failures.get(key, "")) for key, function in functions.items()
    ]
