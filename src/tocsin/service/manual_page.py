"""What the manual looks like: operations by their subject, each with what it takes, what it answers and an example."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

Part = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --blue: light-dark(#0b57a4, #8ab8f0); }
html { background: light-dark(#fff, #14171a); color: light-dark(#1a1a1a, #e8e8e8); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem 1rem 6rem; }
h1 { font-size: 1.6rem; } h2 { margin: 2.2rem 0 .4rem; text-transform: capitalize; }
h3 { font-size: 1rem; margin: 1rem 0 .2rem; } a { color: var(--blue); }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .7rem; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: .3rem; }
details { border: 1px solid var(--line); border-radius: .3rem; margin: .4rem 0; }
details[open] > summary { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .5rem .7rem; overflow-wrap: anywhere; } .inside { padding: 0 .9rem .8rem; }
.verb { display: inline-block; min-width: 4.7rem; font-weight: 700; color: var(--blue); }
.told { padding-left: .7rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid var(--line); padding: .25rem .5rem .25rem 0; text-align: left; vertical-align: top;
overflow-wrap: anywhere; }
"""

_HEAD = """<p>{summary} This page comes from the service itself and needs no network; programs read
<a href="openapi.json">openapi.json</a>. Version {version}.</p>
<p>Where a token is wanted, send <code>Authorization: Bearer TOKEN</code>; make one with
<code>tocsin token create NAME --scope read|operate|admin</code>. Each scope includes those before it. What goes wrong
is told as <code>application/problem+json</code>: <code>detail</code> says what is wrong, <code>remedy</code> what to do
about it.</p>
"""

PLACE = "http://127.0.0.1:8420"
"""Stands in the examples for where the service is."""

_DEEPEST = 4


def page(description: Part) -> str:
    """Return the manual as HTML.

    Parameters
    ----------
    description
        In OpenAPI 3.1.
    """
    info = description["info"]
    subjects = "".join(_subject(name, found, description) for name, found in _by_tag(description).items())
    head = _HEAD.format(summary=escape(info.get("summary", "")), version=escape(info["version"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>tocsin: the service</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><main><h1>What this service can be asked</h1>{head}{subjects}</main></body></html>"
    )


def needs(operation: dict[str, Any]) -> str:
    """Return the scope that an operation of a description needs; "" where it needs none.

    >>> needs({"security": [{"HTTPBearer": ["read"]}]}), needs({})
    ('read', '')
    """
    return next((scope for way in operation.get("security", ()) for scopes in way.values() for scope in scopes), "")


def _by_tag(description: Part) -> dict[str, list[tuple[str, str, Part]]]:
    found: dict[str, list[tuple[str, str, Part]]] = {}
    for path, item in description["paths"].items():
        for verb, operation in item.items():
            for tag in operation.get("tags") or ["other"]:
                found.setdefault(tag, []).append((verb.upper(), path, operation))
    return found


def _subject(name: str, found: list[tuple[str, str, Part]], description: Part) -> str:
    return f"<h2>{escape(name)}</h2>" + "".join(_operation(*one, description) for one in found)


def _operation(verb: str, path: str, operation: Part, description: Part) -> str:
    text = str(operation.get("description", ""))
    first, _, rest = text.partition("\n\n")
    more = "".join(f"<p>{_prose(part)}</p>" for part in rest.split("\n\n") if part)
    wants = needs(operation)
    scope = f"<p>Needs a token with the scope <code>{wants}</code> where tokens are wanted.</p>" if wants else ""
    return (
        f'<details><summary><span class="verb">{verb}</span><code>{escape(path)}</code>'
        f'<span class="told">{_prose(first or operation.get("summary", ""))}</span></summary>'
        f'<div class="inside">{more}{scope}{_parameters(operation)}{_body(operation, description)}'
        f"{_answers(operation, description)}<h3>Example</h3><pre>{escape(_example(verb, path, operation))}</pre>"
        "</div></details>"
    )


def _prose(text: str) -> str:
    """Return text as HTML, with what stands between backquotes as code.

    >>> _prose("See ``a<b``.")
    'See <code>a&lt;b</code>.'
    """
    return re.sub(r"``?(.+?)``?", r"<code>\1</code>", escape(" ".join(text.split())))


def _parameters(operation: Part) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code>{' *' if one.get('required') else ''}</td>"
        f"<td>{escape(_kind(one.get('schema', {})))}</td><td>{_prose(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    )
    head = "<tr><th>Name</th><th>Kind</th><th>What it says</th></tr>"
    return f"<h3>Parameters</h3><table>{head}{rows}</table>" if rows else ""


def _body(operation: Part, description: Part) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<h3>Body: <code>{escape(kind)}</code></h3>{_shape(one.get('schema', {}), description)}"
        for kind, one in content.items()
    )


def _answers(operation: Part, description: Part) -> str:
    said = operation.get("responses", {})
    rows = [_answer(status, one, description) for status, one in said.items() if status.startswith("2")]
    wrong = [f"{status} {one.get('description', '').rstrip('.')}" for status, one in said.items() if status[0] in "45"]
    told = f"<p>Problems: {escape(', '.join(wrong))}.</p>" if wrong else ""
    return f"<h3>Answers</h3>{''.join(rows)}{told}"


def _answer(status: str, one: Part, description: Part) -> str:
    kinds = ", ".join(f"<code>{escape(kind)}</code>" for kind in one.get("content", {}))
    shapes = "".join(_shape(kind.get("schema", {}), description) for kind in one.get("content", {}).values())
    text = str(one.get("description", ""))
    told = "" if text == "Successful Response" else f" {_prose(text)}"
    return f"<p>{status}{told} {kinds}</p>{shapes}"


def _shape(schema: Part, description: Part) -> str:
    lines = "\n".join(_lines(schema, description, 0))
    return f"<pre>{escape(lines)}</pre>" if lines else ""


def _lines(schema: Part, description: Part, depth: int) -> Iterator[str]:
    """Yield the fields of a schema, one a line, those inside others further right."""
    inner = _resolved(schema, description)
    if inner.get("type") == "array":
        inner = _resolved(inner.get("items", {}), description)
    for one in inner.get("anyOf", ()):
        yield from _lines(one, description, depth)
    if depth > _DEEPEST:
        return
    for name, field in inner.get("properties", {}).items():
        told = _resolved(field, description)
        note = f"  {' '.join(str(field.get('description') or told.get('description', '')).split())}".rstrip()
        star = " *" if name in inner.get("required", ()) else ""
        yield f"{'  ' * depth}{name}{star}: {_kind(field)}{note}"
        yield from _lines(field, description, depth + 1)


def _resolved(schema: Part, description: Part) -> Part:
    found = schema
    for step in schema.get("$ref", "").split("/")[1:]:
        found = description if found is schema else found
        found = found[step]
    return found


def _kind(schema: Part) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))


def _example(verb: str, path: str, operation: Part) -> str:
    words = ["curl"] if verb == "GET" else ["curl", "-X", verb]
    if operation.get("security"):
        words.append('-H "Authorization: Bearer $TOCSIN_TOKEN"')
    kinds = list(operation.get("requestBody", {}).get("content", {}))
    if kinds:
        words.append(f"-H 'Content-Type: {kinds[-1]}'")
        words.append("-d '{…}'" if kinds[-1].endswith("json") else "--data-binary @FILE")
    return " ".join([*words, f"'{PLACE}{path}'"])
