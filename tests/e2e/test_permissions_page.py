"""The permissions page as a person has it: in a real browser, by what can be seen and pressed."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import accessibility, life, people
from support.people import SCRIPT
from support.stream import SseReader


def open_permissions(page, sandbox, principal_id="user_abc123", **more):
    opened = sandbox.post("/v1/principal-sessions", {"principalId": principal_id, **more}).expect(201)
    page.open(opened["dashboardUrl"])
    return opened


def bearer(opened):
    return {"Authorization": f"Bearer {opened['sessionToken']}"}


def agents(page):
    return page.texts("#grants .agent")


def test_the_page_lists_what_was_allowed_and_the_session_leaves_the_address_bar(server, sandbox, page):
    agent = sandbox.post("/v1/agents", {"name": "invoicer", "description": "Writes invoices"}).expect(201)
    life.new_grant(sandbox, agent_id=agent["agentId"])
    life.new_grant(sandbox, "user_other")
    open_permissions(page, sandbox)
    page.wait_title("Your permissions")
    page.wait(lambda: agents(page) == ["invoicer"])
    assert page.texts("#principal") == ["user_abc123"] and page.texts(".description") == ["Writes invoices"]
    assert page.texts("#summary") == ["One agent may act in your name."] and page.all("#past") == []
    assert page.texts(".scopes .what") == ["See the events in your calendar", "See your contacts"]
    assert page.driver.current_url == f"{server.url}/permissions"
    page.driver.refresh()  # the tab keeps the session
    page.wait(lambda: agents(page) == ["invoicer"])


def furnish(sandbox):
    """Two grants that are good, with a budget used in part, and one that ended."""
    agent_id, other_id = people.invoicer(sandbox)["agentId"], people.planner(sandbox)["agentId"]
    grant = life.new_grant(sandbox, "ada@example.org", agent_id, scopes=people.SCOPES, expiresIn="720h")
    life.allocate(sandbox, grant, "200", currency="EUR")
    life.debit(sandbox, grant, "130.5")
    calendar = ["calendar:read", "calendar:write"]
    life.revoke(sandbox, life.new_grant(sandbox, "ada@example.org", other_id, scopes=calendar))
    life.new_grant(sandbox, "ada@example.org", other_id, scopes=calendar, expiresIn="48h")
    return grant


def test_a_card_says_since_when_until_when_what_is_left_and_the_past_is_folded(sandbox, page):
    grant = furnish(sandbox)
    open_permissions(page, sandbox, "ada@example.org")
    page.wait(lambda: agents(page) == ["Meeting planner", "Invoicer"])
    planner, invoicer = page.all(".grant")
    assert "69.5 EUR left" in invoicer.text and "of 200 EUR" in invoicer.text and "left" not in planner.text
    assert "(in 29 days)" in invoicer.text or "(in 30 days)" in invoicer.text
    assert [used.text == "not known" for used in page.all(".used")] == [True, False]
    times = [time.get_attribute("datetime") for time in page.all("#grants time")]
    assert grant.answer["expiresAt"] in times and all(time.endswith("Z") for time in times)
    assert not any(page.texts(".past li")) and page.texts(".past summary") == ["Past permissions (1)"]
    page.screenshots("permissions")
    accessibility.check(page)
    page.press(".past summary")
    assert "Ended by the application" in page.texts(".past li")[0] and "Meeting planner" in page.texts(".past li")[0]
    page.press(".take-back")
    page.screenshots("permissions-take-back")
    accessibility.check(page)


def test_what_the_application_tells_of_a_grant_is_its_last_use(sandbox, page):
    grant = life.new_grant(sandbox)
    body = {
        "agentId": grant.agent_id, "agentDid": f"did:grantex:{grant.agent_id}", "grantId": grant.id, "principalId": grant.principal_id,
        "action": "calendar.read",
    }
    told = sandbox.post("/v1/audit/log", body).expect(201)
    open_permissions(page, sandbox)
    page.wait(lambda: page.all(".used time"))
    assert page.all(".used time")[0].get_attribute("datetime") == told["timestamp"]


def test_taking_back_ends_the_grant_and_the_event_says_who_did_it(sandbox, page):
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, "invoicer"))
    kept = life.new_grant(sandbox, agent_id=life.register(sandbox, "planner"))
    with SseReader(sandbox).wait_open() as stream:
        open_permissions(page, sandbox)
        page.wait(lambda: agents(page) == ["planner", "invoicer"])
        page.all(".take-back")[1].click()
        assert "invoicer" in page.texts(".question")[0]
        page.press(".keep")
        assert page.texts(".question") == [] and "take-back" in page.focused().get_attribute("class")
        page.focused().send_keys(Keys.ENTER)  # and by keyboard alone
        assert "keep" in page.focused().get_attribute("class")  # Enter once too often takes nothing back
        page.focused().send_keys(Keys.ESCAPE)
        assert page.texts(".question") == []
        page.focused().send_keys(Keys.ENTER)
        page.focused().send_keys(Keys.TAB)
        assert page.focused().accessible_name == "Take it back"
        page.focused().send_keys(Keys.ENTER)
        page.wait(lambda: agents(page) == ["planner"])
        (event,) = stream.wait_events(1)
    assert page.texts("#news") == ["Taken back from invoicer."] and page.focused().get_attribute("id") == "permissions-title"
    assert (event["type"], event["data"]["grantId"], event["data"]["revokedBy"]) == ("grant.revoked", grant.id, "principal")
    assert sandbox.get(f"/v1/grants/{kept.id}").expect(200)["status"] == "active"
    page.press(".past summary")
    assert page.texts(".past .end-badge") == ["Taken back by you"]


def test_a_double_click_takes_back_once(sandbox, page):
    life.new_grant(sandbox)
    open_permissions(page, sandbox)
    page.wait(lambda: page.all(".take-back"))
    page.press(".take-back")
    with SseReader(sandbox).wait_open() as stream:
        ActionChains(page.driver).double_click(page.all(".confirm")[0]).perform()
        page.wait(lambda: page.texts("#summary") == ["No agent may do anything in your name."])
        assert stream.wait_events(1)[0]["data"]["revokedBy"] == "principal"
    accessibility.check(page)
    assert page.texts("#news") and page.all(".grant") == []


def test_a_server_that_is_away_is_said_and_a_press_tries_again(server, sandbox, page):
    life.new_grant(sandbox)
    open_permissions(page, sandbox)
    page.wait(lambda: page.all(".take-back"))
    page.press(".take-back")
    server.kill()
    page.press(".confirm")
    page.wait(lambda: page.texts(".trouble"))
    assert "cannot be reached" in page.texts(".trouble")[0]
    accessibility.check(page)
    server.restart()
    page.press(".confirm")
    page.wait(lambda: page.all(".grant") == [])


def test_permissions_that_cannot_be_looked_up_can_be_looked_up_again(sandbox, page):
    life.new_grant(sandbox)
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/v1/principal/*"]})
    open_permissions(page, sandbox)
    page.wait_title("Your permissions could not be looked up")
    assert "unchanged" in page.texts("#failed")[0]
    accessibility.check(page)
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    page.press("#reload")
    page.wait(lambda: len(page.all(".grant")) == 1)


def test_a_session_that_is_over_is_told_kindly(sandbox, page):
    grant = life.new_grant(sandbox)
    opened = sandbox.post("/v1/principal-sessions", {"principalId": grant.principal_id, "expiresIn": "1s"}).expect(201)
    page.wait(lambda: sandbox.get("/v1/principal/grants", headers=bearer(opened)).status == 401)
    page.open(opened["dashboardUrl"])
    page.wait_title("Your session is over")
    assert agents(page) == [] and "unchanged" in page.texts("#over")[0] and "go back to the application" in page.texts("#over")[0]
    page.screenshots("permissions-over")
    accessibility.check(page)
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


def test_without_a_session_the_page_says_where_to_get_one(server, page):
    page.open(f"{server.url}/permissions")
    page.wait_title("Please open this page from your application")
    accessibility.check(page)


def test_an_agent_named_like_a_script_is_shown_as_text(sandbox, page):
    agent_id = life.register(sandbox, SCRIPT, scopes=[SCRIPT])
    life.new_grant(sandbox, agent_id=agent_id, scopes=[SCRIPT])
    life.revoke(sandbox, life.new_grant(sandbox, agent_id=agent_id, scopes=[SCRIPT]))
    open_permissions(page, sandbox)
    page.wait(lambda: agents(page) == [SCRIPT])
    page.press(".past summary")
    assert page.texts(".scopes .what") == [SCRIPT] and page.texts(".past .agent") == [SCRIPT]
    assert page.driver.title == "Your permissions" and page.script("return document.querySelectorAll('body script').length") == 0


def test_by_keyboard_one_reaches_everything_and_sees_where_one_is(sandbox, page):
    furnish(sandbox)
    open_permissions(page, sandbox, "ada@example.org")
    page.wait(lambda: len(page.all(".grant")) == 2)
    assert accessibility.walk(page) == [
        "Take back from Meeting planner…", "Details of Meeting planner", "Take back from Invoicer…", "Details of Invoicer",
        "Past permissions (1)",
    ]


def test_the_page_fits_a_phone(sandbox, page):
    life.new_grant(sandbox, agent_id=life.register(sandbox, "x" * 200))
    page.size("phone")
    open_permissions(page, sandbox)
    page.wait(lambda: len(agents(page)) == 1)
    assert accessibility.faults(page) == []
    page.size()
