"""Names of people's making as C: nothing that is written in them can become code."""

from __future__ import annotations

import re
from pathlib import PurePath

from tocsin.core.errors import SettingError

_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\.c")


def identifier(file: str) -> str:
    """Return what the functions of a file begin with.

    >>> identifier("room 7-env.c"), identifier("7.c"), identifier("__.c")
    ('room_7_env', 'alarm_7', 'alarm')
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "_", PurePath(file).stem).strip("_")
    return plain if plain[:1].isalpha() else f"alarm_{plain}".rstrip("_")


def header_of(file: str) -> str:
    """Return the name of the header beside a C file.

    Raises
    ------
    SettingError
        If the file has a name that an ``#include`` cannot hold.

    >>> header_of("env.c")
    'env.h'
    """
    name = PurePath(file).name
    if not _FILE.fullmatch(name):
        raise SettingError(
            f"{name!r} is no name for a C file.",
            remedy="Use letters, digits and _ - + . and end it with .c, as in: -o env.c",
        )
    return f"{name[:-2]}.h"


def quoted(text: str) -> str:
    r"""Return ``text`` as a C string: whatever is not plain is written as its bytes.

    >>> print(quoted('a "b" \\ µ */ ??/'), quoted(""))
    "a \042b\042 \134 \302\265 *\057 \077\077\057" ""
    """
    return '"' + "".join(_plain(byte) for byte in text.encode("utf-8", "replace")) + '"'


def _plain(byte: int) -> str:
    sign = chr(byte)
    # / could end a comment, ? begin a trigraph, and @ stands around what the templates fill in
    return sign if 32 <= byte < 127 and sign not in '"\\?/%@' else f"\\{byte:03o}"


def remark(text: str) -> str:
    """Return ``text`` such that it can stand inside a comment.

    >>> remark("pca */ int x; // µ")
    'pca int x; '
    """
    return re.sub(r" +", " ", re.sub(r"[^A-Za-z0-9 _.,:;()+=-]+", " ", text)).replace("  ", " ")
