"""The part of Sparkplug B's protocol buffer that readings need, described in code and decoded by the usual library.

Field numbers are those of the Sparkplug 3.0 specification (Eclipse Tahu, ``sparkplug_b.proto``). What is not described,
such as templates and data sets, is skipped by the decoder.
"""

from __future__ import annotations

from functools import cache
from typing import Any

_PACKAGE = "tocsin.sparkplug"
_KINDS = {"double": 1, "float": 2, "uint64": 4, "bool": 8, "string": 9, "message": 11, "uint32": 13}
_MESSAGES: dict[str, tuple[tuple[int, str, str], ...]] = {
    "PropertyValue": ((1, "type", "uint32"), (2, "is_null", "bool"), (3, "int_value", "uint32")),
    "PropertySet": ((1, "keys", "string*"), (2, "values", "PropertyValue*")),
    "Metric": (
        (1, "name", "string"),
        (2, "alias", "uint64"),
        (3, "timestamp", "uint64"),
        (4, "datatype", "uint32"),
        (5, "is_historical", "bool"),
        (6, "is_transient", "bool"),
        (7, "is_null", "bool"),
        (9, "properties", "PropertySet"),
        (10, "int_value", "uint32"),
        (11, "long_value", "uint64"),
        (12, "float_value", "float"),
        (13, "double_value", "double"),
        (14, "boolean_value", "bool"),
        (15, "string_value", "string"),
    ),
    "Payload": ((1, "timestamp", "uint64"), (2, "metrics", "Metric*"), (3, "seq", "uint64")),
}


@cache
def payload_class() -> Any:
    """Return the class of a decoded payload.

    >>> payload = payload_class()(timestamp=5)
    >>> payload.metrics.add(name="temp", float_value=21.5).HasField("float_value")
    True
    >>> payload_class().FromString(payload.SerializeToString()).metrics[0].name
    'temp'
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorProto  # type: ignore[import-untyped]  # it has no types
    from google.protobuf.descriptor_pool import DescriptorPool  # type: ignore[import-untyped]  # nor this
    from google.protobuf.message_factory import GetMessageClass  # type: ignore[import-untyped]  # nor this

    file = FileDescriptorProto(name="tocsin_sparkplug.proto", package=_PACKAGE, syntax="proto2")
    for name, entries in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, label, kind in entries:
            one = kind.rstrip("*")
            entry = message.field.add(name=label, number=number, label=3 if kind.endswith("*") else 1)
            entry.type = _KINDS.get(one, _KINDS["message"])
            if one in _MESSAGES:
                entry.type_name = f".{_PACKAGE}.{one}"
    pool = DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Payload"))


def decode(payload: bytes) -> Any:
    """Return a decoded payload.

    Raises
    ------
    ValueError
        If it is none.
    """
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it has no types

    try:
        return payload_class().FromString(payload)
    except DecodeError as error:
        raise ValueError(str(error)) from None
