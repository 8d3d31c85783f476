"""Who may do what: a route says which scope it needs, and gets to know who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from tocsin.service.desk import OurDesk
from tocsin.service.problems import ProblemError
from tocsin.service.tokens import Scope

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


def _needs(least: Scope) -> Callable[..., Caller]:
    def check(
        request: Request,
        desk: OurDesk,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> Caller:
        del request
        caller = _known(desk, "" if bearer is None else bearer.credentials)
        if caller.scope < least:
            raise ProblemError(
                403,
                f"The token {caller.name!r} may {caller.scope.name}, and this needs {least.name}.",
                remedy=f"Make another with: tocsin token create NAME --scope {least.name}",
            )
        return caller

    return check


def _known(desk: Any, secret: str) -> Caller:
    if not desk.tokens.wanted:
        return Caller("local", Scope.admin)
    found = desk.tokens.find(secret)
    if found is None:
        raise ProblemError(
            401,
            "This needs a token." if not secret else "The token is not known here, or was revoked.",
            remedy="Send the header Authorization: Bearer TOKEN; make one with: tocsin token create NAME",
        )
    return Caller(found.name, found.scope)


Reader = Annotated[Caller, Depends(_needs(Scope.read))]
"""A route with a parameter of this type can be asked by those who may look."""

Operator = Annotated[Caller, Depends(_needs(Scope.operate))]
"""The same, for those who may score, train, acknowledge and label."""

Admin = Annotated[Caller, Depends(_needs(Scope.admin))]
"""The same, for those who may say which artifact is in force."""
