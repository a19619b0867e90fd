"""Each behaviour of tests/vectors/sse-http.jsonl is a test of that name (tests/unit/lib/test_sse_http_*.c)."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_no_behaviour_is_without_its_test():
    wanted = [json.loads(line)["name"] for line in (ROOT / "tests/vectors/sse-http.jsonl").read_text().splitlines()]
    sources = "".join(path.read_text() for path in sorted(ROOT.glob("tests/unit/lib/test_sse_http_*.c")))
    tested = re.findall(r'BEHAVIOUR(?:_OF)?\(\s*"([^"]+)"', sources)
    assert len(wanted) == 65
    assert sorted(tested) == sorted(wanted)
