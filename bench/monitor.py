"""How soon the monitor shows something, in a real Chromium on loopback: the first event on screen after the page is opened (its scripts, the
session, the stream and the newest events behind it), and how long a new event takes from its commit to the screen. The floor is a page without
anything, in the same browser: what opening a tab costs by itself."""

import os
import sys
import tempfile
import time
from pathlib import Path

import figures
from server import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/e2e"))

ROUNDS = 10
EVENTS = 50
MOST_MS = 300

# When the first row is there and the frame that shows it begins; and for each new one how old it is then.
WATCH = """
window.ages = [];
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) {
    const time = node.nodeType === 1 && node.matches("li[data-key^=evt]") && node.querySelector("time");
    if (!time) continue;
    requestAnimationFrame(() => {
      window.first ??= performance.now();
      window.ages.push(Date.now() - Date.parse(time.dateTime));
    });
  }
}).observe(document, { childList: true, subtree: true });
"""


def wait(driver, script):
    deadline = time.monotonic() + 20
    while (value := driver.execute_script(script)) is None:
        if time.monotonic() > deadline:
            raise RuntimeError(f"never: {script}")
    return value


def sign_in(driver, server, at):
    driver.get(at)
    key = driver.find_element("id", "api-key")
    wait(driver, "return document.getElementById('view-sign-in').hidden ? null : true")
    key.send_keys(server.key + "\n")
    wait(driver, "return window.first ?? null")


def grant(server):
    agent = server.post("/v1/agents", {"name": "bench", "scopes": ["a:b"]})["agentId"]
    code = server.post("/v1/authorize", {"agentId": agent, "principalId": "user_1", "scopes": ["a:b"]})["code"]
    return server.post("/v1/token", {"code": code, "agentId": agent}) | {"agentId": agent}


def opened(driver, url, script):
    """In a tab of its own: a SharedWorker of another one would have the stream already."""
    kept = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    driver.get(url)
    ms = wait(driver, script)
    driver.close()
    driver.switch_to.window(kept)
    return ms


def live(driver, server, issued):
    """Milliseconds from an event's timestamp until the frame that shows it."""
    driver.execute_script("window.ages = []")
    for n in range(EVENTS):
        issued |= server.post("/v1/token/refresh", {"refreshToken": issued["refreshToken"], "agentId": issued["agentId"]})
        wait(driver, f"return window.ages.length > {n} ? true : null")
    return driver.execute_script("return window.ages")


def transferred(server):
    """Bytes of the page and all that it is made of."""
    from support import build  # pylint: disable=import-outside-toplevel

    names = ["monitor", "page.css", *(f"monitor/{path.name}" for path in (build.ROOT / "src/web/monitor").iterdir())]
    total = 0
    for name in names:
        server.connection.request("GET", f"/{name}")
        total += len(server.connection.getresponse().read())
    return total


def run(build):
    os.environ.setdefault("GRANTEX_BUILD_DIR", str(build))
    from support import browser  # pylint: disable=import-outside-toplevel

    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        server = Server(build, "--data", str(Path(folder) / "data"))
        at = f"http://127.0.0.1:{server.port}"
        try:
            with browser.running(Path(folder) / "browser") as driver:
                driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
                issued = grant(server)
                sign_in(driver, server, f"{at}/monitor")
                ages = live(driver, server, issued)
                driver.get(f"{at}/livez")  # the last tab with the monitor is gone, and its worker with it
                first = [opened(driver, f"{at}/monitor", "return window.first ?? null") for _ in range(ROUNDS)]
                empty = "return performance.getEntriesByType('navigation')[0].loadEventEnd || null"
                floor = [opened(driver, f"{at}/livez", empty) for _ in range(ROUNDS)]
            size = transferred(server)
        finally:
            server.stop()

    rows = [
        ("", "median", "spread", "at most"),
        ("first event on screen, ms", *figures.middle(first, "{:,.0f}"), MOST_MS),
        ("an empty page loaded (the floor), ms", *figures.middle(floor, "{:,.0f}"), ""),
        ("a new event, from its commit to the screen, ms", *figures.middle(ages, "{:,.0f}"), ""),
        ("all that is transferred, bytes", f"{size:,}", "", "100,000"),
    ]
    result = {"first_ms": first, "floor_ms": floor, "event_ms": ages, "bytes": size}
    return {"title": f"monitor ({ROUNDS} times opened, {EVENTS} events, Chromium without a screen)", "rows": rows, "result": result}
