"""What a sidecar's JSON Schema refuses, in words a person understands."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from failview.model.taxonomy import Taxonomy
from failview.sidecars.annotation_schema import annotation_schema

_TYPE_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}

_NOT_OF_A_SUCCESS = {
    "failure_category": "a category",
    "failure_subcategory": "a subcategory",
    "failure_onset_frame": "an onset frame",
    "failure_obvious_frame": "an obvious frame",
    "further_failures": "failures",
}

_ITEM_WORDS = {"causal_chain": "link", "further_failures": "failure"}

_FEW_CHOICES = 6


@dataclass(frozen=True)
class Problem:
    """Something wrong with an annotation.

    Attributes:
        field: Name of the top-level field; empty when it is about the whole sidecar.
        message: Why, in few words.
    """

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def schema_problems(document: Mapping[str, Any], taxonomy: Taxonomy) -> list[Problem]:
    """What the schema refuses, each thing once, in the order of the fields in the document."""
    order = {name: position for position, name in enumerate(document)}
    problems = {_problem(error, document, taxonomy): None for error in _validator(taxonomy).iter_errors(dict(document))}
    return sorted(problems, key=lambda item: order.get(item.field, -1))


@lru_cache(maxsize=8)
def _validator(taxonomy: Taxonomy) -> Draft202012Validator:
    return Draft202012Validator(annotation_schema(taxonomy))


def _problem(error: ValidationError, document: Mapping[str, Any], taxonomy: Taxonomy) -> Problem:
    path = list(error.absolute_path)
    if error.validator == "required":
        # One error per missing name, and only its message tells which.
        missing = next(name for name in _expected(error) if error.message.startswith(repr(name)))
        if not path and missing != "failure_category":
            return Problem(missing, "is missing")
        path.append(missing)
    if not path:
        return Problem("", f"must be {_TYPE_WORDS['object']}")
    field = str(path[0])
    return Problem(field, _place(path) + _message(error, document, taxonomy, path))


def _place(path: list[str | int]) -> str:
    """Where inside a field, counted as people count."""
    if len(path) == 1:
        return ""
    words = [
        f"{_ITEM_WORDS.get(str(path[0]), 'item')} {part + 1}" if isinstance(part, int) else str(part)
        for part in path[1:]
    ]
    return ", ".join(words) + ": "


def _message(error: ValidationError, document: Mapping[str, Any], taxonomy: Taxonomy, path: list[str | int]) -> str:
    field, leaf = str(path[0]), str(path[-1])
    if document.get("outcome") == "success" and field in _NOT_OF_A_SUCCESS and error.validator in ("type", "maxItems"):
        return f"a success has no {_NOT_OF_A_SUCCESS[field].removeprefix('a ').removeprefix('an ')}"
    if leaf == "failure_category" and error.validator in ("type", "required") and error.instance in (None, document):
        return f"choose the category of {document.get('failure_subcategory')}"
    if error.validator == "enum" and leaf in ("failure_subcategory", "subcategory"):
        return _wrong_subcategory(error.instance, _category_beside(leaf, document, path), taxonomy)
    if error.validator == "anyOf" and error.context:
        return _message(error.context[0], document, taxonomy, path)
    return _WORDS.get(str(error.validator), _as_it_is)(error)


def _category_beside(leaf: str, document: Mapping[str, Any], path: list[str | int]) -> Any:
    if leaf == "failure_subcategory":
        return document.get("failure_category")
    return document["further_failures"][path[1]].get("category")


def _wrong_subcategory(subcategory: Any, category: Any, taxonomy: Taxonomy) -> str:
    owner = taxonomy.category_of(subcategory) if isinstance(subcategory, str) else None
    if owner is None:
        ids = [sub.id for item in taxonomy.categories for sub in item.subcategories]
        return _not_one_of(subcategory, ids)
    return f"{subcategory} belongs to {owner.id}, not to {category}"


def _not_one_of(value: Any, choices: list[str]) -> str:
    if not isinstance(value, str):
        return "must be an id of the taxonomy"
    near = difflib.get_close_matches(value, choices, n=1)
    if near:
        return f"{value} is unknown; did you mean {near[0]}?"
    if len(choices) <= _FEW_CHOICES:
        return f"{value} is not one of {', '.join(choices)}"
    return f"{value} is not in the taxonomy"


def _type_message(error: ValidationError) -> str:
    wanted = _expected(error)
    names = [wanted] if isinstance(wanted, str) else [name for name in wanted if name != "null"]
    return f"must be {' or '.join(_TYPE_WORDS[name] for name in names)}"


def _expected(error: ValidationError) -> Any:
    """The value of the keyword that was not met."""
    return error.validator_value


def _as_it_is(error: ValidationError) -> str:
    return str(error.message)


_WORDS: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _type_message,
    "enum": lambda error: _not_one_of(error.instance, [item for item in _expected(error) if item is not None]),
    "const": lambda error: f"is {error.instance}, not {_expected(error)}",
    "minimum": lambda error: f"must be {_expected(error)} or more",
    "maximum": lambda error: f"must be {_expected(error)} or less",
    "minLength": lambda _: "is empty",
    "pattern": lambda _: "must be three numbers like 1.0.0",
    "required": lambda _: "is missing",
}
