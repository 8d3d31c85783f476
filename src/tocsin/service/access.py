"""Who may do what: a route says which scope it needs, and gets to know who asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.types import Scope as Asked

from tocsin.core.errors import InputError
from tocsin.service.desk import Desk, OurDesk
from tocsin.service.problems import ProblemError
from tocsin.service.tokens import LOCAL, Scope, Token

_BEARER = HTTPBearer(auto_error=False, description="A token made with: tocsin token create")


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    name
        Of the token; "local" where none is asked for.
    scope
        What it may do.
    """

    name: str
    scope: Scope


def shown(asked: Asked) -> str:
    """Return the token that a request shows; "" where it shows none.

    >>> shown({"headers": [(b"authorization", b"Bearer tocsin_x")]}), shown({"headers": []})
    ('tocsin_x', '')
    """
    for name, value in asked["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return str(value[7:].decode("latin-1").strip())
        if name == b"ocp-apim-subscription-key":
            return str(value.decode("latin-1").strip())
    return ""


def whose(desk: Desk, asked: Asked) -> str:
    """Return who is held to a pace: a token's name, or the address of somebody without one."""
    secret = shown(asked)
    try:
        token = desk.tokens.find(secret) if secret else None
    except InputError:
        token = None
    return f"token {token.name}" if token else f"address {(asked.get('client') or ('',))[0]}"


def still_known(desk: Desk, asked: Asked) -> bool:
    """Tell whether a request that goes on would be let in still: its token may have been revoked, or have expired."""
    try:
        _known(desk, shown(asked))
    except ProblemError:
        return False
    return True


def _needs(least: Scope) -> Callable[..., Coroutine[Any, Any, Caller]]:
    async def check(
        request: Request,
        desk: OurDesk,
        _: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Caller:
        caller = _known(desk, shown(request.scope))
        request.state.caller = caller.name
        if caller.scope < least:
            raise ProblemError(
                403,
                f"The token {caller.name!r} may {caller.scope.name}, and this needs {least.name}.",
                remedy=f"Make another with: tocsin token create NAME --scope {least.name}",
            )
        return caller

    return check


def _known(desk: Desk, secret: str) -> Caller:
    if not desk.tokens.wanted:
        return Caller(LOCAL, Scope.admin)
    found = _found(desk, secret)
    if found is None:
        raise ProblemError(
            401,
            "This needs a token." if not secret else "The token is not known here, was revoked or has expired.",
            remedy="Send the header Authorization: Bearer TOKEN; make one with: tocsin token create NAME",
        )
    return Caller(found.name, found.scope)


def _found(desk: Desk, secret: str) -> Token | None:
    try:
        return desk.tokens.find(secret) if secret else None
    except InputError:
        raise ProblemError(
            503, "Nobody can be let in: the list of tokens cannot be read.", remedy="See: tocsin token list"
        ) from None


Reader = Annotated[Caller, Security(_needs(Scope.read), scopes=["read"])]
"""A route with a parameter of this type can be asked by those who may look."""

Operator = Annotated[Caller, Security(_needs(Scope.operate), scopes=["operate"])]
"""The same, for those who may score, train, acknowledge and label."""

Admin = Annotated[Caller, Security(_needs(Scope.admin), scopes=["admin"])]
"""The same, for those who may say which artifact is in force."""
