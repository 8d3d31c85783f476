"""How a page tells that something is wrong: a sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from tocsin.dashboard._client import ProblemError


def show_problem(problem: ProblemError) -> None:
    """Show what is wrong and what to do."""
    show_wrong(problem.message, problem.remedy)


def show_wrong(detail: str, remedy: str = "") -> None:
    """Show a sentence on what is wrong and one on what to do, as they are: nothing in them is taken for markup."""
    st.error(plain(detail) + (f"\n\n**What to do:** {plain(remedy)}" if remedy else ""), icon=":material/error:")


@contextmanager
def told() -> Iterator[None]:
    """Show a problem in the place where it arises, instead of the rest of the block.

    A page whose service is away thus says so, and no more.
    """
    try:
        yield
    except ProblemError as problem:
        show_problem(problem)


def plain(text: str) -> str:
    r"""Return ``text`` so that it is shown letter by letter: names of channels may hold signs of Markdown.

    >>> plain("a_b*c $5 <br>")
    'a\\_b\\*c \\$5 \\<br\\>'
    """
    return "".join("\\" + sign if sign in r"\`*_{}[]()<>#+-!|$~:" and sign not in "-()!+" else sign for sign in text)
