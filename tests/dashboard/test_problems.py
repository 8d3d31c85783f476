"""What people and devices name is shown letter by letter."""

from __future__ import annotations

import pytest

from tocsin.dashboard._problems import plain

JOINER = "\u2060"


@pytest.mark.parametrize(
    "name",
    [
        "supply temperature [°C] (2)",
        "a_b*c $5 <br> &amp;",
        "`x` ~~y~~ ==z== :red[r] :bell: | # h",
        "https://evil.example www.evil.example me@evil.example",
        "a -> b <- c -- d >= e <= f ~= g --- h",
        "- a",
        "12. b",
        "1) c",
        "-5",
    ],
)
def test_no_letter_is_lost(name: str) -> None:
    shown = plain(name)
    assert shown.replace(JOINER, "").replace("\\", "") == name
    for sign in "`*_[]<>#|$~:&":
        assert shown.count(sign) == shown.count("\\" + sign), sign


@pytest.mark.parametrize("name", ["https://a", "HTTP://a", "www.a", "a@b.c", "a -> b", "a <- b", "--", ">=", "~="])
def test_what_markdown_makes_something_of_is_broken_by_a_sign_that_is_not_seen(name: str) -> None:
    assert JOINER in plain(name)


def test_a_backslash_and_a_second_line_stay_within_the_line() -> None:
    assert plain(r"a\_b") == r"a\\\_b"
    assert plain("a\r\n\n# b") == r"a \# b"
    assert plain("    code") == "code"
