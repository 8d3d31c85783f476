"""The judgement of an outcome: all figures, their intervals, what they mean in words, and what to be wary of."""

from __future__ import annotations

from tocsin.evaluation.judgement.judge import Judgement, judge

__all__ = ["Judgement", "judge"]
