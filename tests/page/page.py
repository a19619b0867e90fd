"""The page that this project was asked for, events_client.txt, taken apart: its programs, payloads and tables.

It is the text of a web page: code has no fence around it, and the cells of a table's row stand together without a gap.
"""

import ast
import collections
import pathlib
import re

FILE = pathlib.Path(__file__).with_name("events_client.txt")
TEXT = FILE.read_text(encoding="utf-8")
KEY_PLACEHOLDER = "gx_live_..."

TABLE_HEADS = ("ParameterTypeRequiredDescription", "FieldTypeDescription")
HEADING = re.compile(rf"(?!{'|'.join(TABLE_HEADS)})[A-Z]\w*( \w+)*|Example: .+")
SIGNATURE_ROW = re.compile(r"([a-z_]+?)(Callable\[.+\]|(?:list\[str\]|str) \| None)(Yes|No)([A-Z].*)")
FIELD_ROW = re.compile(r"([a-z_]+?)(str|dict)([A-Z].*)")

Parameter = collections.namedtuple("Parameter", "name type required description")
Field = collections.namedtuple("Field", "name type description")


def _sections():
    """The lines below each heading, in order: [(heading, [line…])]."""
    sections = [("", [])]
    for line in TEXT.splitlines():
        if HEADING.fullmatch(line):
            sections.append((line, []))
        else:
            sections[-1][1].append(line)
    return sections


SECTIONS = _sections()


def programs():
    """{heading: source}: what begins with an import, to the end of its section."""
    found = {}
    for heading, lines in SECTIONS:
        start = next((number for number, line in enumerate(lines) if line.startswith(("from ", "import "))), None)
        if start is not None:
            found[heading] = "\n".join(lines[start:]).strip() + "\n"
    return found


def payload_sources():
    """What stands between { and } at the beginning of a line, with its comments."""
    return re.findall(r"^\{$.*?^\}$", TEXT, re.MULTILINE | re.DOTALL)


def payloads():
    """{type: example of an event}."""
    examples = [ast.literal_eval(source) for source in payload_sources()]
    return {example["type"]: example for example in examples}


def enums():
    """{(type, field): values}, from the comments: "revokedBy": "developer",  # 'developer' | 'principal' | 'system'."""
    found = {}
    for source in payload_sources():
        for field, comment in re.findall(r'"(\w+)": .*#(.*)', source):
            found[ast.literal_eval(source)["type"], field] = re.findall(r"'(\w+)'", comment)
    return found


def percentages():
    """At how much used a budget.threshold comes."""
    (sentence,) = re.findall(r"consumption crosses (.+)\.$", TEXT, re.MULTILINE)
    return [int(number) for number in re.findall(r"(\d+)%", sentence)]


def _rows(method, head, pattern, kind):
    """The rows of the first table with that head below the heading `method`."""
    headings = [heading for heading, _ in SECTIONS]
    for _, lines in SECTIONS[headings.index(method):]:
        if head in lines:
            rows = lines[lines.index(head) + 1:]
            rows = rows[:rows.index("")]
            return [kind(*pattern.fullmatch(row).groups()) for row in rows]
    raise LookupError(f"no table {head} below {method}")


def parameters(method):
    """Of "Stream" or "Subscribe"."""
    return _rows(method, TABLE_HEADS[0], SIGNATURE_ROW, Parameter)


def event_fields():
    return _rows("GrantexEvent", TABLE_HEADS[1], FIELD_ROW, Field)
