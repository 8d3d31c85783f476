from __future__ import annotations

import pytest

from tocsin.core.errors import InputError
from tocsin.sources.tables._dialect import Dialect, dialect_of


def found(text: str, separator: str | None = None) -> Dialect:
    return dialect_of(text.splitlines(keepends=True), separator=separator, source="it")


@pytest.mark.parametrize(
    ("text", "separator", "names"),
    [
        ("a,b\n1,2\n", ",", ("a", "b")),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";", ("a", "b")),
        ("a\tb\n1,5\t2\n", "\t", ("a", "b")),
        ("a|b|c\n1|2|3\n", "|", ("a", "b", "c")),
        ('"a;x",b\n1,2\n', ",", ("a;x", "b")),
        ("a b\n1\t2\n3\t4\n", "\t", ("a", "b")),
        ("a\n1\n2\n", ",", ("a",)),
        ("a,b\n1,2,3\n4,5,6\n", ",", ("", "a", "b")),
        (",a\n0,1\n", ",", ("", "a")),
        ("a,b,,\n1,2,,\n", ",", ("a", "b", "column_3", "column_4")),
        ("\n\na,b\n1,2\n", ",", ("a", "b")),
        ("day,hour\n2024-01-01 10:00;5,1\n2024-01-01 10:01;5,2\n", ",", ("day", "hour")),
    ],
)
def test_separator_and_names(text: str, separator: str, names: tuple[str, ...]) -> None:
    dialect = found(text)
    assert (dialect.separator, dialect.names) == (separator, names)


def test_the_users_separator_wins() -> None:
    assert found("a;b,c\n1;2,3\n", ";").names == ("a", "b,c")


def test_leading_blank_lines_are_skipped_with_the_header() -> None:
    assert found("\n\na,b\n1,2\n").skip == 3


def test_a_cell_without_end_is_no_table() -> None:
    with pytest.raises(InputError, match=r"no table.*131072"):
        found("x" * 200_000)
