"""The official schemas of CASE 1.1 as validators: of packages (JSON Schema), and of every other object (the components of its OpenAPI)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft4Validator, Draft201909Validator

_PACKAGE = "case-v1p1-cfpackage.json"
_OPENAPI = "imscasev1p1_openapi3_v1p0.json"


class CaseSchemas:
    """Validators over a folder with both files."""

    def __init__(self, folder: Path) -> None:
        self._package = Draft201909Validator(
            json.loads((folder / _PACKAGE).read_text(encoding="utf-8")), validate_formats=True
        )
        components = json.loads((folder / _OPENAPI).read_text(encoding="utf-8"))["components"]
        self._components = components
        self._known: dict[str, Draft4Validator] = {}

    def package(self, content: Any) -> list[str]:
        """What is wrong with a package by either schema."""
        found = [f"{error.instance_path}: {error.message}" for error in self._package.iter_errors(content)]
        return found + self.object("CFPackage", content)

    def object(self, name: str, content: Any) -> list[str]:
        """What is wrong with an object of a class, such as `CFItem`."""
        validator = self._known.get(name)
        if validator is None:
            schema = {"$ref": f"#/components/schemas/{name}DType", "components": self._components}
            validator = self._known[name] = Draft4Validator(schema, validate_formats=True)
        return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(content)]
