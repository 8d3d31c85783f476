"""Names of files and channels as C: only what C can hold gets in."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.export.c.names import header_of, identifier, quoted, remark


@given(st.text())
def test_an_identifier_is_one(text: str) -> None:
    assert re.fullmatch("[A-Za-z][A-Za-z0-9_]*", identifier(f"{text}.c"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_says_the_same_and_stays_inside(text: str) -> None:
    written = quoted(text)
    assert re.fullmatch(r'"(?:[ !#-.0-9:->A-\[\]-~]|\\[0-7]{3})*"', written)
    assert ast.literal_eval(f"b{written}").decode() == text


@given(st.text())
def test_a_remark_ends_no_comment(text: str) -> None:
    assert not re.search(r"[*/\\\n?@]", remark(text))


@pytest.mark.parametrize("name", ['a".c', "a\n.c", "a.h", "a b.c", "..", "ä.c", "a\\.c", ".c"])
def test_a_file_name_that_no_include_can_hold_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match=r"no name for a C file\. Use letters"):
        header_of(name)
