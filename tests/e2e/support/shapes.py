"""Whether a JSON value has the shape that a table of reference/ asks for (its words are explained in reference/endpoints.py)."""

import re

ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
PATTERNS = {
    "text": r"(?s).*",
    "url": r"https?://\S+",
    "did": rf"did:grantex:ag_{ULID}",
    "ulid": ULID,
    "time": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z",
    "money": r"(0|[1-9]\d*)\.\d{4}",
    "48 hex": r"[0-9a-f]{48}",
    "64 hex": r"[0-9a-f]{64}",
    "api key": r"gx_(live|test)_[A-Za-z0-9_-]{43}",
    "jwt": r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
}
EXACT = {"true": True, "false": False, "null": None}


def _text_fits(value, shape):
    if not isinstance(value, str):
        return False
    if shape.startswith("="):
        return value == shape[1:]
    if re.fullmatch("[a-z]+_", shape):
        return re.fullmatch(shape + ULID, value) is not None
    if " | " in shape:
        return value in shape.split(" | ")
    return re.fullmatch(PATTERNS[shape], value) is not None


def _fits(value, shape):
    if shape in EXACT:
        return value is EXACT[shape]
    if shape.endswith(" or null"):
        return value is None or _fits(value, shape.removesuffix(" or null"))
    if shape == "bool":
        return isinstance(value, bool)
    if shape in ("whole", "number"):
        return not isinstance(value, bool) and isinstance(value, int if shape == "whole" else (int, float))
    if re.fullmatch(r"=\d+", shape) and isinstance(value, int):
        return value == int(shape[1:])
    if shape == "object":
        return isinstance(value, dict)
    return _text_fits(value, shape)


def _faults_of_object(value, shapes, where):
    if not isinstance(value, dict):
        return [f"{where or 'the answer'} is no object: {value!r}"]
    faults, known = [], set()
    for marked, shape in shapes.items():
        if marked.startswith("-"):
            continue
        key = marked.lstrip("+").removesuffix("?")
        known.add(key)
        if key in value:
            faults += faults_of(value[key], shape, f"{where}.{key}")
        elif not marked.endswith("?"):
            faults.append(f"{where}.{key} is missing")
    return faults + [f"{where}.{key} is not in the table" for key in value if key not in known]


def faults_of(value, shape, where=""):
    """What differs, in words; [] when nothing does."""
    if isinstance(shape, dict):
        return _faults_of_object(value, shape, where)
    if isinstance(shape, list):
        if not isinstance(value, list) or bool(value) != bool(shape):
            return [f"{where} should be {'an array with something in it' if shape else 'an empty array'}: {value!r}"]
        return [fault for item in value for fault in faults_of(item, shape[0], f"{where}[]")]
    return [] if _fits(value, shape) else [f"{where} should be {shape!r}: {value!r}"]


def marks_in(shape):
    """Whether anything in it is marked as ours, or as left out."""
    if isinstance(shape, dict):
        return any(key[0] in "+-" or marks_in(inner) for key, inner in shape.items())
    return isinstance(shape, list) and any(marks_in(inner) for inner in shape)
