"""What the benches make of what they measure."""

import statistics
from pathlib import Path


def cpu_seconds(pid):
    """Of all its threads."""
    return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def middle(values, form="{:,.0f}"):
    """The median and the spread, as a table has them."""
    values = list(values)
    return form.format(statistics.median(values)), f"{form.format(min(values))} to {form.format(max(values))}"
