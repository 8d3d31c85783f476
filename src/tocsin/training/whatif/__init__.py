"""What other limits and policies would have made of a history: scored once, rung as often as asked."""

from __future__ import annotations

from tocsin.training.whatif._counting import COVERED, Counting
from tocsin.training.whatif._levels import Level
from tocsin.training.whatif._replay import Replay, Rung
from tocsin.training.whatif.cautions import cautions
from tocsin.training.whatif.setting import Setting
from tocsin.training.whatif.study import Asked, WhatIf, what_if, whatif

__all__ = [
    "COVERED",
    "Asked",
    "Counting",
    "Level",
    "Replay",
    "Rung",
    "Setting",
    "WhatIf",
    "cautions",
    "what_if",
    "whatif",
]
