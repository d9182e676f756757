"""Names of the shapes in the API's description: each stands once, so that a generated client has every one of them."""

import json
from typing import Any

_REF = "#/components/schemas/"


def with_own_names(spec: Any) -> Any:
    """Give each shape the name of its model.

    The library writes a part of a shape once for each shape it is part of (`EventOut.VenueOut`, `SessionOut.VenueOut`);
    generators make one class of a name and leave out every operation that needs a second one. Where two parts of one
    name differ, they keep the name of the whole before their own.
    """
    shapes = spec["components"]["schemas"]
    names = {long: _last(long) for long in shapes}
    while clashing := _clashing(shapes, names):
        names |= {long: long.replace(".", "") for long in clashing}
    spec["components"]["schemas"] = {names[long]: shape for long, shape in sorted(shapes.items())}
    renamed = {_REF + long: _REF + name for long, name in names.items()}
    return _renamed(spec, renamed)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _clashing(shapes: dict[str, Any], names: dict[str, str]) -> set[str]:
    """Parts that share a name with a shape that is another one."""
    renamed = {_REF + long: _REF + name for long, name in names.items()}
    texts = {long: json.dumps(_renamed(shape, renamed), sort_keys=True) for long, shape in shapes.items()}
    by_name: dict[str, set[str]] = {}
    for long, name in names.items():
        by_name.setdefault(name, set()).add(texts[long])
    return {
        long for long, name in names.items() if len(by_name[name]) > 1 and "." in long and name == _last(long)
    }


def _renamed(part: Any, renamed: dict[str, str]) -> Any:
    if isinstance(part, dict):
        return {
            key: renamed.get(value, value) if key == "$ref" else _renamed(value, renamed)
            for key, value in part.items()
        }
    return [_renamed(one, renamed) for one in part] if isinstance(part, list) else part
