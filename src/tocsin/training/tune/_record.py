"""The record of a search: finished trials in an Optuna study on disk, one by one, so that none is done twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import InputError
from tocsin.training.tune._quiet import quiet
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried

if TYPE_CHECKING:
    from optuna import Study

_PATIENCE_S = 60.0
"""For so long another process may be writing."""


@dataclass(frozen=True)
class Record:
    """An open record.

    A trial is added when it is finished, in one transaction: a search that is killed leaves whole trials and nothing
    else.
    """

    study: Study
    space: Space

    def tried(self) -> tuple[Tried, ...]:
        """Return the finished trials in order of proposal."""
        from optuna.trial import TrialState

        found = [_read(trial.user_attrs, self.space) for trial in self.study.get_trials(states=(TrialState.COMPLETE,))]
        return tuple(sorted({one.place: one for one in found}.values(), key=lambda one: one.place))

    def add(self, tried: Tried) -> None:
        """Keep a finished trial."""
        from optuna import create_trial

        from tocsin.training.tune._proposals import distributions, parameters

        inside = self.space.holds(tried.point)  # the untuned settings may lie outside of what is searched
        self.study.add_trial(
            create_trial(
                value=tried.value,
                params=parameters(self.space, tried.point) if inside else {},
                distributions=distributions(self.space) if inside else {},
                user_attrs={**tried.as_dict(), "point": [list(pair) for pair in tried.point]},
            )
        )


@contextmanager
def record(path: Path, *, name: str, space: Space) -> Iterator[Record]:
    """Open the record ``name`` in an SQLite file, or begin it.

    Raises
    ------
    InputError
        If the file is none that Optuna wrote.
    """
    from optuna import create_study
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    connect = {"creator": lambda: sqlite3.connect(path, timeout=_PATIENCE_S)}
    with quiet():
        try:
            storage = RDBStorage(f"sqlite:///{path.name}", engine_kwargs=connect)
            study = create_study(storage=storage, study_name=name, load_if_exists=True, direction="maximize")
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise InputError(
                f"{path} cannot be used: {str(error).splitlines()[0]}.", remedy="Remove it, or name another folder."
            ) from None
        try:
            yield Record(study, space)
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _read(kept: dict[str, Any], space: Space) -> Tried:
    point = dict(kept["point"])
    return Tried(
        place=int(kept["place"]),
        point=tuple((name, point[name]) for name in space.names),
        value=float(kept["value"]),
        figures=kept["figures"],
        seconds=float(kept["seconds"]),
        failure=str(kept["failure"]),
    )
