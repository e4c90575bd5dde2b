"""One document out of several."""

from typing import Any

import pytest

from infra.openapi import DocumentError, merge


def document(path: str, schemas: dict[str, Any], schema: str, operation: str = "get") -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    answers = {"200": {"content": {"application/json": {"schema": reference}}}}
    return {
        "openapi": "3.1.0",
        "paths": {path: {"get": {"operationId": operation, "responses": answers}}},
        "components": {"schemas": schemas},
    }


def schema_of(merged: dict[str, Any], path: str) -> str:
    answer = merged["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return str(answer["$ref"])


CHAT, OTHER = {"type": "object"}, {"type": "string"}


def test_equal_components_are_one() -> None:
    merged = merge({"a": document("/a", {"Chat": CHAT}, "Chat"), "b": document("/b", {"Chat": CHAT}, "Chat")})
    assert merged["components"]["schemas"] == {"Chat": CHAT}
    assert set(merged["paths"]) == {"/a", "/b"}


def test_different_components_of_one_name_are_told_apart() -> None:
    merged = merge({"a": document("/a", {"Chat": CHAT}, "Chat"), "b": document("/b", {"Chat": OTHER}, "Chat")})
    assert merged["components"]["schemas"] == {"Chat": CHAT, "BChat": OTHER}
    assert schema_of(merged, "/a") == "#/components/schemas/Chat"
    assert schema_of(merged, "/b") == "#/components/schemas/BChat"


def test_a_component_around_a_renamed_one_is_renamed_too() -> None:
    around = {"type": "array", "items": {"$ref": "#/components/schemas/Chat"}}
    merged = merge(
        {
            "a": document("/a", {"Chat": CHAT, "Chats": around}, "Chats"),
            "b": document("/b", {"Chat": OTHER, "Chats": around}, "Chats"),
        }
    )
    assert schema_of(merged, "/b") == "#/components/schemas/BChats"
    assert merged["components"]["schemas"]["BChats"]["items"] == {"$ref": "#/components/schemas/BChat"}
    assert merged["components"]["schemas"]["Chats"]["items"] == {"$ref": "#/components/schemas/Chat"}


def test_operations_of_one_name_are_told_apart() -> None:
    merged = merge({"a": document("/a", {}, "X"), "b": document("/b", {}, "X")})
    names = [methods["get"]["operationId"] for methods in merged["paths"].values()]
    assert len(set(names)) == 2


def test_one_path_in_two_functions_is_a_mistake() -> None:
    with pytest.raises(DocumentError, match="get /a"):
        merge({"a": document("/a", {}, "X"), "b": document("/a", {}, "X")})
