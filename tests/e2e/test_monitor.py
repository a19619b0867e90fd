"""The monitor as an operator has it: in a real browser, by what can be seen and pressed."""

import contextlib
import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import accessibility, browser, life, store
from support.server import Server
from support.stream import SseReader

SCRIPT = "<script>document.title='caught'</script>"
MOST_BYTES = 100_000

# Before any script of the page: as on a phone that has none.
NO_SHARED_WORKER = "delete globalThis.SharedWorker"


class Monitor:
    """A tab with the monitor in it."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.handle = page.driver.current_window_handle

    def front(self):
        """Another tab was in front."""
        self.page.driver.switch_to.window(self.handle)
        self.page.driver.execute_cdp_cmd("Page.bringToFront", {})
        return self

    def open(self, view=""):
        self.page.open(f"{self.server.url}/monitor{view}")
        return self

    def sign_in(self, key):
        self.open()
        self.page.wait(lambda: self.page.all("#api-key"))
        self.page.all("#api-key")[0].send_keys(key, Keys.ENTER)
        return self.wait_live()

    def wait_live(self):
        self.page.wait(lambda: self.state() == "live")
        return self

    def state(self):
        return self.page.script("return document.getElementById('status').dataset.state")

    def status(self):
        return self.page.texts("#status-text")[0]

    def types(self):
        """Of the events in the feed, newest first."""
        return self.page.script("return [...document.querySelectorAll('#events .type')].map((one) => one.textContent)")

    def wait_types(self, *types):
        self.page.wait(lambda: self.types() == list(types))

    def seqs(self):
        """Every event that the feed holds: none twice, none left out."""
        return self.page.script(
            "return [...document.querySelectorAll('#events [data-key^=evt]')].map((one) => one.dataset.key)"
        )

    def used(self, name):
        """Of the budget of this agent, by one question: percent, and words."""
        bars = self.page.script(
            "return [...document.querySelectorAll('#budgets li')].filter((one) => one.querySelector('.name').textContent === arguments[0])"
            ".map((one) => one.querySelector('.bar')).map((bar) => [bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuetext')])", name)
        return next(((int(percent), words) for percent, words in bars), (None, ""))

    def wait_one_stream(self, api):
        """The server may hear of the end of another a moment later."""
        self.page.wait(lambda: api.get("/v1/events/streams").expect(200)["total"] == 1)

    def go(self, view):
        self.page.press(f'#nav a[href="#{view}"]')
        self.page.wait(lambda: self.page.all(f"#view-{view}"))


@pytest.fixture(name="monitor")
def fixture_monitor(server, sandbox, page):
    return Monitor(page, server).sign_in(sandbox.key)


@contextlib.contextmanager
def another_tab(page):
    with browser.tab(page.driver) as other:
        yield other


def type_keys(page, *keys):
    """To whatever has the focus when they come."""
    ActionChains(page.driver).send_keys(*keys).perform()


def focused_key(page):
    return page.script("return document.activeElement.closest('[data-key]')?.dataset.key")


def focused_text(page):
    return page.script("return document.activeElement.innerText")


# --- signing in ---


def test_a_key_that_is_none_is_told_and_nothing_shows(server, page):
    Monitor(page, server).open()
    page.wait(lambda: page.all("#api-key"))
    page.all("#api-key")[0].send_keys("gx_live_somebody_guesses_this", Keys.ENTER)
    page.wait(lambda: page.texts("#sign-in-trouble") == ["This is no API key of this server."])
    assert not page.all("#nav") and not page.all("#status")


def test_the_key_is_given_once_and_is_kept_nowhere(server, sandbox, monitor):
    page = monitor.page
    assert page.script("return document.cookie + JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage})") == "{}{}"
    assert sandbox.key not in page.driver.page_source and sandbox.key not in page.driver.current_url
    assert page.script("return document.getElementById('api-key').value") == ""
    (cookie,) = page.driver.execute_cdp_cmd("Network.getAllCookies", {})["cookies"][-1:]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/v1" and cookie["name"] == "grantex_session"
    page.driver.refresh()
    monitor.wait_live()
    assert sandbox.key not in server.stderr()


def test_signing_out_ends_the_session_and_the_stream_in_every_tab(sandbox, monitor):
    with another_tab(monitor.page) as other:
        second = Monitor(other, monitor.server).open().wait_live()
        second.page.press("#sign-out")
        other.wait(lambda: other.all("#api-key"))
        other.wait(lambda: sandbox.get("/v1/events/streams").expect(200)["total"] == 0)
    monitor.front()
    monitor.page.wait(lambda: monitor.page.all("#api-key"))
    monitor.page.driver.refresh()
    monitor.page.wait(lambda: monitor.page.all("#api-key"))


def test_a_key_that_is_rotated_ends_the_session(server, api, page):
    monitor = Monitor(page, server).sign_in(api.key)
    api.post("/v1/keys/rotate").expect(200)
    page.wait(lambda: page.all("#api-key"))
    assert "over" in page.texts("#sign-in-trouble")[0] and not page.all("#nav")
    assert monitor.types() == []


# --- what is seen ---


def test_consent_given_in_a_browser_appears_in_the_monitor_in_another_tab(server, api, page):
    monitor = Monitor(page, server).sign_in(api.key)
    agent_id = life.register(api, "invoicer")
    asked = life.authorize(api, agent_id)
    with another_tab(page) as consent:
        consent.open(asked["consentUrl"])
        consent.wait(lambda: consent.all("#approve"))
        consent.press("#approve")
        consent.wait(lambda: consent.texts("#code"))
        (code,) = consent.texts("#code")
    monitor.front()
    life.exchange(api, code, agent_id)
    monitor.wait_types("token.issued", "grant.created")
    page.wait(lambda: page.texts("#events .subject") == ["invoicer"] * 2)
    assert "user_abc123" in page.texts("#events .summary")[1]


def test_a_debit_moves_the_bar_and_the_first_to_be_empty_comes_first(sandbox, monitor):
    slow = life.new_grant(sandbox, agent_id=life.register(sandbox, "slow"))
    fast = life.new_grant(sandbox, agent_id=life.register(sandbox, "fast"))
    life.allocate(sandbox, slow, 1000)
    life.allocate(sandbox, fast, 1000)
    monitor.page.wait(lambda: len(monitor.page.all("#budgets li")) == 2)
    monitor.page.wait(lambda: monitor.used("fast") == (0, "0 %, not in use"))
    life.debit(sandbox, slow, 10)
    life.debit(sandbox, fast, 600)
    monitor.page.wait(lambda: monitor.used("fast")[0] == 60)
    assert re.fullmatch(r"60 %, empty in (\d+ s|1 min( \d+ s)?)", monitor.used("fast")[1]), monitor.used("fast")
    monitor.page.wait(lambda: monitor.page.texts("#budgets .name") == ["fast", "slow"])
    assert monitor.page.script("return document.querySelector('#budgets .used').style.width") == "60%"
    life.debit(sandbox, fast, 400)
    monitor.page.wait(lambda: monitor.used("fast") == (100, "100 %, empty"))


def test_a_grant_is_revoked_with_a_confirmation_and_its_life_is_told(sandbox, monitor):
    page = monitor.page
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, "invoicer"))
    life.allocate(sandbox, grant, 100)
    for _ in range(3):
        life.debit(sandbox, grant, 20)
    monitor.go("grants")
    page.wait(lambda: page.texts("#grant-rows th") == ["invoicer"])
    page.press("#grant-rows a")
    page.wait(lambda: page.texts("#timeline .type") == ["grant.created", "token.issued", "debit", "budget.threshold"])
    assert page.texts("#timeline .summary")[2:] == ["60 in 3 debits", "50 % used · 40 of 100 left"]
    page.press("#revoke")
    assert page.texts("#confirm-text") == ["invoicer will not act for user_abc123 any more."]
    page.press("#confirm-no")
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"
    page.press("#revoke")
    page.press("#confirm-yes")
    page.wait(lambda: page.texts("#grant-state") == ["revoked"])
    page.wait(lambda: page.texts("#timeline .type")[-1:] == ["grant.revoked"])
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["revokedBy"] == "developer"
    page.wait(lambda: page.texts("#grants-none") == ["No such grants."])  # it shows the active ones
    assert not page.all("#revoke")


@pytest.mark.parametrize("id", ["grnt_01BX5ZZKBKACTAV9WEVGEMMVRZ", "%"])
def test_a_grant_that_there_is_not_is_said_and_the_one_before_does_not_stay(sandbox, monitor, id):
    page = monitor.page
    grant = life.new_grant(sandbox)
    monitor.open(f"#grants/{grant.id}")
    page.wait(lambda: grant.id in "".join(page.texts("#grant-fields")))
    monitor.open(f"#grants/{id}")
    page.wait(lambda: "not found" in "".join(page.texts("#timeline-note")).lower())
    assert page.texts("#grant-title") == [id] and "".join(page.texts("#grant-fields")) == "" and page.texts("#timeline .type") == []


def test_open_streams_are_listed_and_who_lags(sandbox, monitor):
    life.new_grant(sandbox)
    with SseReader(sandbox, "?types=grant.*", headers={"User-Agent": "billing/2"}).wait_open():
        monitor.go("streams")
        monitor.page.wait(lambda: len(monitor.page.all("#stream-rows tr")) == 2)
        rows = monitor.page.texts("#stream-rows tr")
        assert any("billing/2" in row and "grant.created, grant.revoked" in row for row in rows), rows
        assert any("Chrome" in row and "everything" in row for row in rows), rows
    monitor.page.wait(lambda: len(monitor.page.all("#stream-rows tr")) == 1)


def test_the_last_hour_is_a_plot_and_the_same_in_words(sandbox, monitor):
    life.revoke(sandbox, life.new_grant(sandbox))
    monitor.page.driver.refresh()
    monitor.wait_live()
    page = monitor.page
    page.wait(lambda: page.texts("#rates-total") == ["3 events"])
    words = page.script("return document.querySelector('#plot svg').getAttribute('aria-label')")
    assert words.startswith("3 events in the last hour: 1 grant.created, 1 grant.revoked, 1 token.issued. The busiest minute was ")
    assert page.texts("#rates-legend td:last-child") == ["1", "1", "1", "0", "0"]
    assert len(page.all("#plot rect")) >= 3


def test_an_agent_named_like_a_script_is_harmless_everywhere(sandbox, monitor):
    page = monitor.page
    grant = life.new_grant(sandbox, principal_id=SCRIPT, agent_id=life.register(sandbox, SCRIPT, scopes=[SCRIPT]), scopes=[SCRIPT])
    life.allocate(sandbox, grant, 100)
    life.debit(sandbox, grant, 100)
    page.wait(lambda: page.texts("#events .subject") == [SCRIPT] * 5)
    page.wait(lambda: page.texts("#budgets .name") == [SCRIPT])
    page.press("#events .event", -1)
    page.wait(lambda: SCRIPT in "".join(page.texts("#inspector-data")))
    page.press("#inspector-fields a")
    page.wait(lambda: page.texts("#grant-title") == [SCRIPT])
    with SseReader(sandbox, headers={"User-Agent": SCRIPT}).wait_open():
        monitor.go("streams")
        page.wait(lambda: any(SCRIPT in row for row in page.texts("#stream-rows tr")))
    assert page.driver.title == "Streams · Grantex monitor"
    assert page.script("return document.querySelectorAll('script').length") == 1


# --- the feed ---


def test_paused_is_not_lost(sandbox, monitor):
    page = monitor.page
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    page.press("#pause")
    assert page.texts("#waiting-text") == ["Paused. Nothing has come since."]
    grant = life.new_grant(sandbox)
    life.revoke(sandbox, grant)
    page.wait(lambda: page.texts("#waiting-text") == ["Paused. 3 events waiting."])
    assert monitor.types() == ["token.issued", "grant.created"]
    page.press("#resume")
    monitor.wait_types("grant.revoked", "token.issued", "grant.created", "token.issued", "grant.created")
    assert not page.all("#waiting") and page.focused().get_attribute("id") == "pause"


def test_the_feed_is_filtered_by_type_and_by_whom_it_is_about(sandbox, monitor):
    page = monitor.page
    one = life.new_grant(sandbox, "user_one", agent_id=life.register(sandbox, "first"))
    two = life.new_grant(sandbox, "user_two", agent_id=life.register(sandbox, "second"))
    page.wait(lambda: len(monitor.types()) == 4)
    page.press('[data-type="token.issued"]')
    monitor.wait_types("grant.created", "grant.created")
    for words, subject in ((two.id, "second"), ("user_one", "first"), (one.agent_id, "first"), ("SECOND", "second")):
        field = page.all("#filter")[0]
        field.clear()
        field.send_keys(words)
        page.wait(lambda: page.texts("#events .subject") == [subject])  # pylint: disable=cell-var-from-loop
    field.clear()
    field.send_keys("nobody")
    page.wait(lambda: page.texts("#events-none") == ["None of the events that are kept here match."])
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.BACKSPACE)
    page.press('[data-type="token.issued"]')
    page.wait(lambda: len(monitor.types()) == 4)


def test_the_feed_keeps_to_a_bound_and_says_what_it_does_not_show(sandbox, monitor):
    grant = life.new_grant(sandbox)
    for _ in range(230):
        life.refresh(sandbox, grant)
    monitor.page.wait(lambda: monitor.page.texts("#vital-head") == ["232"])
    monitor.page.wait(lambda: monitor.page.texts("#events-dropped") == ["32 older events not shown; the log has them all."])
    assert len(monitor.types()) == 200


def test_the_keyboard_alone_does(sandbox, monitor):
    page = monitor.page
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    page.script("document.activeElement.blur()")
    type_keys(page, "j")
    assert "token.issued" in focused_text(page)
    type_keys(page, "j")
    assert "grant.created" in focused_text(page)
    type_keys(page, "j", "k", "k", "k", "j")
    type_keys(page, Keys.ENTER)
    page.wait(lambda: page.texts("#inspector-title") == ["+ grant.created"])
    assert page.focused().get_attribute("id") == "inspector-title"
    type_keys(page, Keys.ESCAPE)
    assert not page.all("#inspector") and "grant.created" in focused_text(page)
    type_keys(page, " ")
    assert page.texts("#pause") == ["Resume"] and not page.all("#inspector")
    type_keys(page, " ")
    assert page.texts("#pause") == ["Pause"]
    type_keys(page, "/")
    assert page.focused().get_attribute("id") == "filter"
    type_keys(page, "j k/ ")  # is text here
    assert page.focused().get_attribute("value") == "j k/ "


def test_a_row_keeps_the_focus_when_a_name_is_learnt(sandbox, monitor):
    page = monitor.page
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    page.script("document.activeElement.blur()")
    type_keys(page, "j", "j")
    before = focused_key(page)
    life.new_grant(sandbox)  # of another agent
    monitor.wait_types("token.issued", "grant.created", "token.issued", "grant.created")
    page.wait(lambda: all(subject.startswith("agent ") for subject in page.texts("#events .subject")))
    assert before and focused_key(page) == before


def test_the_first_tab_skips_to_the_content(monitor):
    page = monitor.page
    page.driver.refresh()
    monitor.wait_live()
    type_keys(page, Keys.TAB)
    assert page.focused().text == "Skip to the content"
    type_keys(page, Keys.ENTER)
    assert page.focused().get_attribute("id") == "main"


# --- never miss anything ---


def test_a_server_that_is_killed_and_comes_back_is_told_and_nothing_is_missed(server, sandbox, monitor):
    page = monitor.page
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    server.kill()
    page.wait(lambda: "Connection lost" in monitor.status())
    server.start()
    for _ in range(20):
        life.new_grant(sandbox)
    page.wait(lambda: re.match("Back after .*missed nothing", monitor.status()))
    page.wait(lambda: len(monitor.seqs()) == 42)
    log = [event["id"] for event in sandbox.get("/v1/events?limit=1000").expect(200)["events"]]
    assert monitor.seqs() == log[::-1]
    assert page.texts("#vital-gaps") == ["0"]


def test_a_machine_that_slept_opens_its_stream_anew_and_goes_on_where_it_was(server, sandbox, page):
    # Without a worker the connection is the page's own, and so is the clock that jumps.
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_SHARED_WORKER})
    monitor = Monitor(page, server).sign_in(sandbox.key)
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    (before,) = sandbox.get("/v1/events/streams").expect(200)["streams"]
    page.script("const awake = Date.now.bind(Date); Date.now = () => awake() + 3600000")
    page.wait(lambda: [one["openedAt"] for one in sandbox.get("/v1/events/streams").expect(200)["streams"]] > [before["openedAt"]])
    page.wait(lambda: "missed nothing" in monitor.status())
    life.new_grant(sandbox)
    monitor.wait_types(*["token.issued", "grant.created"] * 2)


def test_what_was_trimmed_while_the_page_was_away_shows_as_a_gap(tmp_path, page):
    folder = tmp_path / "trimmed"
    folder.mkdir()
    server = Server(folder).start()
    try:
        api = server.api()
        monitor = Monitor(page, server).sign_in(api.key)
        life.new_grant(api)
        monitor.wait_types("token.issued", "grant.created")
        port = server.port
        server.kill()
        server.port, server.options = 0, ["--retain-events", "2", "--retain-every", "50"]
        away = server.start().api()
        for _ in range(3):
            life.new_grant(away)
        page.wait(lambda: len(away.get("/v1/events").expect(200)["events"]) == 2)
        server.kill()
        server.port = port
        server.start()
        page.wait(lambda: page.texts("#events .gap"))
        assert page.texts("#events .gap") == ["Gap events 3 to 6 are not kept any more: 2 grant.created, 2 token.issued"]
        monitor.wait_types("token.issued", "grant.created", "token.issued", "grant.created")
        page.wait(lambda: page.texts("#vital-gaps") == ["1"])
    finally:
        server.finish()


@pytest.mark.parametrize("before", [None, NO_SHARED_WORKER], ids=["shared worker", "web lock"])
def test_eight_tabs_have_one_stream(sandbox, server, chromium, page, before):
    def quietly(tab):
        if before:
            tab.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": before})
        return Monitor(tab, server)

    first = quietly(page).sign_in(sandbox.key)
    with contextlib.ExitStack() as tabs:
        all_of_them = [first]
        for _ in range(7):
            chromium.switch_to.new_window("tab")
            tabs.callback(chromium.close)
            tabs.callback(chromium.switch_to.window, chromium.current_window_handle)
            all_of_them.append(quietly(browser.Page(chromium)).open().wait_live())
        life.new_grant(sandbox)
        for monitor in all_of_them:
            monitor.front().wait_types("token.issued", "grant.created")
        monitor.wait_one_stream(sandbox)
    if before:  # the tab that has the stream goes, another one takes it up
        first.front()
    life.new_grant(sandbox)
    first.front().wait_types(*["token.issued", "grant.created"] * 2)
    first.wait_one_stream(sandbox)


def test_when_the_tab_with_the_stream_goes_another_one_takes_it_up(sandbox, server, page):
    page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_SHARED_WORKER})
    with another_tab(page) as leader:
        leader.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_SHARED_WORKER})
        Monitor(leader, server).sign_in(sandbox.key)
        monitor = Monitor(page, server)
        monitor.handle = page.driver.window_handles[-2]
        monitor.front().open().wait_live()
        life.new_grant(sandbox)
        monitor.wait_types("token.issued", "grant.created")
        leader.driver.switch_to.window(leader.driver.window_handles[-1])
    monitor.front()
    life.new_grant(sandbox)
    monitor.wait_types(*["token.issued", "grant.created"] * 2)
    monitor.wait_one_stream(sandbox)


# --- nobody else acts ---

FORGE = """
const [url, options, done] = arguments;
fetch(url, { credentials: "include", ...options }).then((answer) => done(answer.status), () => done("stopped"));
"""


def test_neither_a_page_of_another_origin_nor_a_call_without_the_token_revokes(start, sandbox, monitor):
    grant = life.new_grant(sandbox)
    at = f"{monitor.server.url}/v1/grants/{grant.id}"
    assert monitor.page.driver.execute_async_script(FORGE, at, {"method": "DELETE"}) == 403
    other = start()
    with another_tab(monitor.page) as foreign:
        foreign.open(f"{other.url}/livez")
        assert foreign.driver.execute_async_script(FORGE, at, {"method": "DELETE"}) in (403, "stopped")
        assert foreign.driver.execute_async_script(FORGE, at, {"method": "GET", "mode": "no-cors"}) in (0, 403, "stopped")
        foreign.driver.get_log("browser")  # that it was stopped is what was wanted
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


def test_a_key_that_may_only_read_sees_no_action_and_the_server_refuses_it(server, sandbox, page):
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, "invoicer"))
    reader = sandbox.post("/v1/keys", {"name": "wall screen", "scopes": ["events:read"]}).expect(201)["apiKey"]
    monitor = Monitor(page, server).sign_in(reader)
    assert page.texts("#read-only") == ["Read only"]
    monitor.wait_types("token.issued", "grant.created")
    page.open(f"{server.url}/monitor#grants/{grant.id}")
    page.wait(lambda: page.texts("#timeline .type") == ["grant.created", "token.issued"])
    assert not page.all("#revoke")
    forged = "return fetch('v1/session').then((a) => a.json()).then((s) => fetch(arguments[0], { method: 'DELETE', headers: { 'X-CSRF-Token': s.csrfToken } })).then((a) => a.status)"
    assert page.script(forged, f"v1/grants/{grant.id}") == 403
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


# --- how it looks, and to whom ---


def fill(server, api):
    """Something to look at: budgets in every state, an hour of events."""
    names = ["invoicer", "scheduler", "mailer", "travel-desk", "research"]
    people = ["ada", "grace", "linus", "margaret", "alan"]
    grants = []
    for name, person, amount in zip(names, people, (1000, 500, 1000, 250, 5000)):
        agent = life.register(api, name, scopes=["calendar:read", "contacts:read", "mail:send"])
        grants.append(life.new_grant(api, f"user_{person}", agent_id=agent))
        life.allocate(api, grants[-1], amount)
    for grant, amount, times in ((grants[0], 110, 8), (grants[1], 55.5, 5), (grants[2], 40, 1), (grants[3], 250, 1)):
        for _ in range(times):
            life.debit(api, grant, amount, description="model calls")
    for n in range(60):
        life.refresh(api, grants[n * n % 4])
        if n % 9 == 0:
            short = life.new_grant(api, f"user_{n}", agent_id=grants[n % 5].agent_id)
            if n % 2:
                life.revoke(api, short)
    life.revoke(api, life.new_grant(api, "user_ken", agent_id=grants[4].agent_id))
    head = api.get("/v1/events?last=1").expect(200)["events"][0]["seq"]
    store.change(server.database, "UPDATE grants SET issued_at = issued_at - 3600000")
    for n in range(1, head):  # as if they had come over the hour, more and more
        back = int(3_500_000 * (1 - (n / head) ** 0.6))
        store.change(server.database, "UPDATE events SET timestamp = timestamp - ? WHERE seq = ?", back, n)
    return grants


def look_at(page, name):
    """What can be checked of it, and its pictures; the pointer rests on nothing."""
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": 0, "y": 0})
    accessibility.check(page)
    page.screenshots(name)


def test_every_view_is_accessible_and_its_picture_is_taken(server, sandbox, page):
    grants = fill(server, sandbox)
    monitor = Monitor(page, server).open()
    page.wait(lambda: page.all("#api-key"))
    look_at(page, "monitor-sign-in")
    with SseReader(sandbox, "?types=grant.*", headers={"User-Agent": "grantex-c/0.1.0"}).wait_open(), SseReader(
        sandbox, "?types=budget.*", headers={"User-Agent": "billing-alerts/2.3"}
    ).wait_open():
        monitor.sign_in(sandbox.key)
        page.wait(lambda: len(page.all("#budgets li")) == 5 and page.all("#plot svg") and page.texts("#vital-streams") == ["3"])
        look_at(page, "monitor")
        page.press("#events .event", 2)
        look_at(page, "monitor-event")
        page.press("#inspector-close")
        page.open(f"{server.url}/monitor#grants/{grants[0].id}")
        page.wait(lambda: page.texts("#timeline .type"))
        look_at(page, "monitor-grants")
        monitor.go("streams")
        page.wait(lambda: len(page.all("#stream-rows tr")) == 3)
        look_at(page, "monitor-streams")


def test_whoever_walks_by_tab_sees_where_he_is_and_comes_through(sandbox, monitor):
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    monitor.page.driver.refresh()
    monitor.wait_live().wait_types("token.issued", "grant.created")
    walked = accessibility.walk(monitor.page)
    assert walked[:2] == ["Skip to the content", "Overview"] and "Pause" in walked, walked
    assert sum("grant.created" in name or "token.issued" in name for name in walked) == 3, walked  # two chips, one stop for all rows


def test_the_whole_page_is_small_and_comes_from_here_alone(server, sandbox, monitor):
    life.new_grant(sandbox)
    monitor.wait_types("token.issued", "grant.created")
    loaded = monitor.page.script("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert all(name.startswith(server.url) for name in loaded), loaded
    files = {name for name in loaded if "/v1/" not in name} | {f"{server.url}/monitor"}
    files |= {f"{server.url}/monitor/{name}.js" for name in ("worker", "hub", "connection", "sse")}
    sizes = {name: len(server.anonymous().get(name.removeprefix(server.url)).body) for name in files}
    assert sum(sizes.values()) < MOST_BYTES, sizes
    policy = server.anonymous().get("/monitor").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
