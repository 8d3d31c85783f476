"""Published benchmarks: one file each, file name = public name; cases, rules and table are those of the publication."""

from __future__ import annotations

from tocsin.training.benchmark._contract import Benchmark, Case, Column, Run, Sheet
from tocsin.training.benchmark._markdown import cell, markdown
from tocsin.training.benchmark._report import Report
from tocsin.training.benchmark._run import Plan, run
from tocsin.training.benchmark._write import write

__all__ = ["Benchmark", "Case", "Column", "Plan", "Report", "Run", "Sheet", "cell", "markdown", "run", "write"]
