"""event.data is what json.loads makes of it, whichever way it was read."""

import json
import random
import string

import pytest

from grantex import _grantex

PLAIN = ["{}", "[]", '""', "0", "-1", "true", "false", "null", "999999999999999999", "-999999999999999999", '{"a":1}', '["a","b"]', "[[],{}]",
         '{"grantId":"grnt_1","scopes":["a:b"],"percentage":80,"remaining":200,"initial":1000}', '{"é":"ü€😀"}', '{"a":1,"a":2}', '{"":""}']
OTHERWISE = ["1.5", "-0.25", "1e3", "1E-3", "12345678901234567890123", '"\\n\\u00e9\\ud83d\\ude00"', '{"a\\tb":1}', '{ "a" : 1 }', "[1, 2]",
             "-0", '{"' + "k" * 40 + '":1}', "[" * 40 + "]" * 40]
BROKEN = ["", "{", "[", '"', "-", "01", "1.", "tru", "nul", '{"a"}', '{"a":}', '{"a":1,}', "[1,]", "[,]", "{1:2}", "'a'", '"\n"', '{"a" 1}', "+1", ".5",
          "[" * 16, '{"a":[1,{"b":']


def read(text):
    return _grantex.payload(text.encode())


def same(left, right):
    """As == is, and 1 is not 1.0 and not True."""
    return left == right and json.dumps(left) == json.dumps(right)


@pytest.mark.parametrize("text", PLAIN + OTHERWISE)
def test_it_is_what_json_makes_of_it(text):
    assert same(read(text), json.loads(text))


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        read(text)


@pytest.mark.parametrize("text", ['{"grantId":"grnt_1","scopes":["a:b",{"c":null}],"percentage":80,"remaining":-2.5e3}'])
def test_cut_at_every_place_it_is_never_half_read(text):
    assert same(read(text), json.loads(text))
    for end in range(len(text)):
        with pytest.raises(ValueError):
            read(text[:end])


def anything(chance, depth=0):
    kind = chance.randrange(8 if depth < 6 else 6)
    if kind < 2:
        letters = string.ascii_letters + '"\\\n é€😀'
        return "".join(chance.choice(letters) for _ in range(chance.randrange(12)))
    if kind == 2:
        return chance.randrange(-(10 ** chance.randrange(1, 25)), 10 ** chance.randrange(1, 25))
    if kind == 3:
        return chance.random() * 10 ** chance.randrange(-10, 10)
    if kind < 6:
        return chance.choice([True, False, None])
    items = [anything(chance, depth + 1) for _ in range(chance.randrange(5))]
    return items if kind == 6 else {f"k{chance.randrange(200)}" * chance.randrange(9): item for item in items}


def test_ten_thousand_things_by_chance():
    chance = random.Random(1)
    for _ in range(10_000):
        thing = anything(chance)
        for form in ({"separators": (",", ":"), "ensure_ascii": False}, {}):
            text = json.dumps(thing, **form)
            assert same(read(text), json.loads(text)), text


def test_keys_that_meet_in_one_slot_are_told_apart():
    for number in range(500):
        text = json.dumps({f"key{number % 97}": number, f"yek{number % 89}": -number}, separators=(",", ":"))
        assert read(text) == json.loads(text)


def test_bytes_that_are_no_utf_8_are_replaced():
    assert _grantex.payload(b'{"a":"\xff"}') == {"a": "\ufffd"}
