"""How a page tells that something is wrong: a sentence, and what to do about it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import streamlit as st

from tocsin.dashboard._client import Client, ProblemError, address

_AGAIN_S: Final = 5.0
_PATIENCE_S: Final = 3.0

_UNSEEN: Final = "\u2060"
"""A word joiner: it has no width, and lets no line break."""

_JOINED: Final = re.compile(r"https?:(?=//)|www(?=\.)|@|-(?=[->])|<(?=[-=])|[>~](?==)", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[\\`*_{}\[\]<>#|$~:&]")
_ITEM: Final = re.compile(r"^(\d*)([-+.)])(?=\s|$)")
_BREAKS: Final = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")


def show_problem(problem: ProblemError) -> None:
    """Show what is wrong and what to do; where the service is away, the page goes on by itself once it is back."""
    show_wrong(problem.message, problem.remedy)
    if problem.status == 0:
        _await(time.monotonic())


def show_wrong(detail: str, remedy: str = "") -> None:
    """Show a sentence on what is wrong and one on what to do, as they are: nothing in them is taken for markup."""
    todo = f"\n\n**What to do:** {plain(worded(remedy))}" if remedy else ""
    st.error(plain(detail) + todo, icon=":material/error:")


@contextmanager
def told() -> Iterator[None]:
    """Show a problem in the place where it arises, instead of the rest of the block.

    A page whose service is away thus says so, and no more.
    """
    try:
        yield
    except ProblemError as problem:
        show_problem(problem)


def worded(text: str) -> str:
    """Return ``text`` with options of the command line as a page names them; a command stays as it is typed.

    >>> worded("Give a shorter window (--window), or count rows with --time-format row.")
    'Give a shorter window, or count rows with “time format” row.'
    >>> worded("Make one: tocsin token create --scope admin")
    'Make one: tocsin token create --scope admin'
    """
    if "tocsin " in text:
        return text
    return re.sub(r"--([a-z-]+)", lambda found: f"“{found[1].replace('-', ' ')}”", re.sub(r" \(--[a-z-]+\)", "", text))


@st.fragment(run_every=_AGAIN_S)
def _await(since: float) -> None:
    """Ask every few seconds whether the service is there, and draw the page anew as soon as it is."""
    st.caption("This page goes on by itself as soon as the service answers.")
    if time.monotonic() - since < _PATIENCE_S:
        return  # it has only just been asked
    with suppress(ProblemError):
        Client(address(), patience_s=_PATIENCE_S).get("/healthz")
        st.rerun()


def plain(text: str) -> str:
    r"""Return ``text`` so that it is shown letter by letter: what people and devices name may hold signs of Markdown.

    Addresses and arrows are broken by a sign that is not seen, since Markdown makes links and other signs of them
    whatever stands before them.

    >>> plain("a_b*c $5 <br> &amp;"), plain("- a")
    ('a\\_b\\*c \\$5 \\<br\\> \\&amp;', '\\- a')
    >>> plain("www.a.org") == f"www{_UNSEEN}.a.org"
    True
    """
    line = _JOINED.sub(rf"\g<0>{_UNSEEN}", " ".join(_BREAKS.split(text)).lstrip())
    return _ITEM.sub(r"\1\\\2", _SIGNS.sub(r"\\\g<0>", line))
