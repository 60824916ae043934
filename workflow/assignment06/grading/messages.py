"""Classes of protocol buffers, made of the few fields that are read here; what else a message holds is passed over."""

from importlib import import_module
from typing import Any


def made(module: str) -> Any:
    """A module of protocol buffers, whose classes are made when it is imported; no type checker sees them."""
    return import_module(module)


def classes(package: str, **messages: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """A class for each message, given as its fields' numbers and types: `string`, `Node`, or `repeated Node`.

    The syntax is proto3's (https://protobuf.dev/programming-guides/proto3/).
    """
    descriptor_pb2 = made("google.protobuf.descriptor_pb2")
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, (number, words) in fields.items():
            *repeated, kind = words.split()
            added = message.field.add(name=field, number=number)
            added.label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if kind in messages:
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                added.type = kinds.Type.Value(f"TYPE_{kind.upper()}")
    pool = made("google.protobuf.descriptor_pool").DescriptorPool()
    pool.Add(file)
    get = made("google.protobuf.message_factory").GetMessageClass
    return {name: get(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}
