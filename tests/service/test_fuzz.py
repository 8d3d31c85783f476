"""What the description allows, and what it forbids, sent to every route: none breaks, and all answer as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from tests.service.conftest import Stocked

ENDLESS = "/live$"
"""Streams have no end to wait for; their own tests read them."""

WORK = "/train$|/rehearse$|/multivariate/models$"
"""What starts a process for each request is asked by its own tests, and here only where there is time."""

HIT = {"path.name": "room", "path.version": "1"}
"""Guesses meet something that is there, instead of being refused for its name."""


class Fault(NamedTuple):
    """An answer that is not as described."""

    label: str
    check: str
    what: str


def run(stocked: Stocked, *, examples: int, phases: tuple[str, ...], hit: bool, leave_out: str) -> list[Fault]:
    """Send what comes to mind; return what was wrong with the answers."""
    wanted: dict[str, Any] = {
        "headers": stocked.bearer("admin"),
        "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True, "database": "none"},
        "phases": {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")},
        "checks": {
            # what has the right shape may still make no sense
            "positive_data_acceptance": {"enabled": False},
            # a name that was put in cannot be wrong; what is wrong may also be too much
            "negative_data_rejection": {"enabled": not hit, "expected-statuses": ["4xx"]},
            # GET …/roll-back asks for a version of that name
            "unsupported_method": {"enabled": False},
        },
        "parameters": {**HIT, "path.id": stocked.analysis} if hit else {},
    }
    config = SchemathesisConfig.from_dict(wanted)
    schema = schemathesis.openapi.from_asgi("/openapi.json", stocked.app, config=config).exclude(path_regex=leave_out)
    # what is there must stay there to be hit
    return list(faults(schema.exclude(method="DELETE") if hit else schema))


def faults(schema: Any) -> Iterator[Fault]:
    met: set[tuple[str, str]] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            yield Fault(event.label, "error", str(event.info))
        if isinstance(event, events.FatalError):
            yield Fault("", "error", str(event.exception))
        if not isinstance(event, events.ScenarioFinished):
            continue
        for checks in event.recorder.checks.values():
            for check in checks:
                key = (event.recorder.label, check.name)
                if check.failure_info is not None and key not in met:
                    met.add(key)
                    told = check.failure_info.failure
                    yield Fault(*key, f"{told.title}: {told.message}\n{check.failure_info.code_sample}"[:1500])


def test_guesses_break_nothing(stocked: Stocked) -> None:
    left_out = f"{ENDLESS}|{WORK}"
    assert run(stocked, examples=1, phases=("examples", "fuzzing"), hit=True, leave_out=left_out) == []


@pytest.mark.slow
@pytest.mark.parametrize("hit", [True, False])
def test_many_guesses_break_nothing(stocked: Stocked, hit: bool) -> None:
    phases = ("examples", "coverage", "fuzzing", *(() if hit else ("stateful",)))
    assert run(stocked, examples=15, phases=phases, hit=hit, leave_out=f"{ENDLESS}|{WORK}") == []


@pytest.mark.slow
def test_guesses_at_work_break_nothing(stocked: Stocked) -> None:
    assert run(stocked, examples=5, phases=("examples", "coverage"), hit=True, leave_out=ENDLESS) == []
