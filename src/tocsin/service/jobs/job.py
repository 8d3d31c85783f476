"""A job as people see it: what it does, how far it is, and how it ended."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["queued", "running", "done", "failed", "cancelled"]


class Progress(BaseModel):
    """How far a job is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str = Field(description="What is going on.")
    done: int = Field(description="Steps done.")
    total: int = Field(description="Steps in all.")
    note: str = Field(default="", description="A short note, such as the current loss.")


class Trouble(BaseModel):
    """Why a job failed, as every problem of the service is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    status: int
    detail: str = Field(description="What is wrong.")
    remedy: str = Field(default="", description="What to do about it.")


class Job(BaseModel):
    """Long work that somebody asked for.

    Parameters
    ----------
    id
        Cannot be guessed.
    what
        "train", "rehearse", …
    about
        What it is about, such as an artifact's name; "" where nothing was said.
    state
        "queued", "running", "done", "failed" or "cancelled".
    progress
        The latest that was heard of it.
    created, started, ended
        RFC 3339 in UTC; None for what has not happened.
    by
        Who asked for it.
    result
        What it found, once it is done.
    problem
        Why it failed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="Its id, which cannot be guessed.")
    what: str = Field(description="What it does: train, rehearse, …")
    about: str = Field(default="", description="What it is about, such as an artifact's name.")
    state: State = Field(description="How it stands.")
    progress: Progress | None = Field(default=None, description="How far it is, as it told last.")
    created: str = Field(description="When it was asked for, RFC 3339 in UTC.")
    started: str | None = Field(default=None, description="When it began.")
    ended: str | None = Field(default=None, description="When it ended.")
    by: str = Field(description="Who asked for it.")
    result: dict[str, Any] | None = Field(default=None, description="What it found, once it is done.")
    problem: Trouble | None = Field(default=None, description="Why it failed.")

    @property
    def over(self) -> bool:
        """Whether it has ended, however that was."""
        return self.state not in ("queued", "running")
