"""Turns Microsoft's OpenAPI description into JSON Schema that is stricter than the description itself.

Three things need care. Enumerations stand in an `anyOf` beside a free string, so that as written every text is valid:
here the enumeration decides. Flags enumerations are one string with commas. And `additionalProperties: true`
everywhere would let an invented property pass: here only properties that the description names, and annotations, do.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

PREFIX = "#/components/schemas/"
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z", value))


@_FORMATS.checks("uuid")
def _is_guid(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))


class Description:
    """One version's description."""

    def __init__(self, file: Path) -> None:
        loaded = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self._raw: dict[str, Any] = loaded["components"]["schemas"]
        self._paths: dict[str, Any] = loaded["paths"]
        self._validators: dict[str, Draft202012Validator] = {}
        self._definitions: dict[str, Any] | None = None

    def errors(self, path: str, answer: Any) -> list[str]:
        """Say what is wrong with the answer of a path template such as `/applications/{application-id}`."""
        answers = self._paths[path]["get"]["responses"]
        reference = answers["2XX"]["content"]["application/json"]["schema"]["$ref"]
        return self.errors_of(reference.removeprefix(PREFIX), answer)

    def errors_of(self, name: str, value: Any) -> list[str]:
        """Say what is wrong with a value of a schema."""
        if name not in self._validators:
            if self._definitions is None:
                self._definitions = {each: self._whole(each) for each in self._raw}
            schema = {"$ref": f"{PREFIX}{name}", "components": {"schemas": self._definitions}}
            self._validators[name] = Draft202012Validator(schema, format_checker=_FORMATS)
        found = self._validators[name].iter_errors(value)
        return [f"{error.json_path}: {error.message[:300]}" for error in found]

    def _properties(self, name: str) -> dict[str, Any]:
        """Collect the properties of a type and of the types it is derived from."""
        schema = self._raw[name]
        merged: dict[str, Any] = {}
        for part in schema.get("allOf", [schema]):
            if "$ref" in part:
                merged |= self._properties(part["$ref"].removeprefix(PREFIX))
            else:
                merged |= part.get("properties", {})
        return merged

    def _whole(self, name: str) -> dict[str, Any]:
        schema = self._raw[name]
        if "enum" in schema:
            return {"enum": schema["enum"]}
        properties = self._properties(name)
        if not properties:
            return {"type": "object"}
        return {
            "type": "object",
            "properties": {each: self._part(part) for each, part in properties.items()},
            "patternProperties": {r"^@odata\.|@odata\.": {}},
            "additionalProperties": False,
        }

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in part:
            return {"$ref": part["$ref"]}
        if "anyOf" in part:
            named = [self._part(each) for each in part["anyOf"] if "$ref" in each]
            nullable = any(each.get("nullable") for each in part["anyOf"])
            return {"anyOf": [*named, {"type": "null"}]} if nullable else {"anyOf": named}
        made: dict[str, Any] = {}
        if "type" in part:
            made["type"] = [part["type"], "null"] if part.get("nullable") else part["type"]
        if "format" in part:
            made["format"] = part["format"]
        if "items" in part:
            made["items"] = self._part(part["items"])
        if part.get("x-ms-enum-flags"):
            members = "|".join(self._raw[part["x-enum-ref"].removeprefix(PREFIX)]["enum"])
            made["pattern"] = f"^({members})(,({members}))*$"
        return made
