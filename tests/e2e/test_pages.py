"""The pages as a person has them: in a real browser, by what can be seen and pressed."""

from selenium.webdriver.common.keys import Keys

from support import life
from support.stream import SseReader

SCRIPT = "<script>document.title='caught'</script>"


def open_permissions(page, sandbox, principal_id="user_abc123", **more):
    opened = sandbox.post("/v1/principal-sessions", {"principalId": principal_id, **more}).expect(201)
    page.open(opened["dashboardUrl"])
    return opened


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
    assert page.texts(".scopes li") == ["See the events in your calendar", "See your contacts"]
    assert page.driver.current_url == f"{server.url}/permissions"
    page.driver.refresh()  # the tab keeps the session
    page.wait(lambda: agents(page) == ["invoicer"])


def test_taking_back_ends_the_grant_and_the_event_says_who_did_it(server, sandbox, page):
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, "invoicer"))
    kept = life.new_grant(sandbox, agent_id=life.register(sandbox, "planner"))
    with SseReader(sandbox).wait_open() as stream:
        open_permissions(page, sandbox)
        page.wait(lambda: agents(page) == ["planner", "invoicer"])
        page.all(".take-back")[1].click()
        assert "invoicer" in page.texts(".question")[0]
        page.press(".keep")
        assert page.texts(".question") == [] and page.focused().get_attribute("class") == "take-back"
        page.focused().send_keys(Keys.ENTER)  # and by keyboard alone
        assert "confirm" in page.focused().get_attribute("class")
        page.focused().send_keys(Keys.ENTER)
        page.wait(lambda: agents(page) == ["planner"])
        (event,) = stream.wait_events(1)
    assert page.texts("#news") == ["Taken back from invoicer."]
    assert (event["type"], event["data"]["grantId"], event["data"]["revokedBy"]) == ("grant.revoked", grant.id, "principal")
    assert sandbox.get(f"/v1/grants/{kept.id}").expect(200)["status"] == "active"


def test_a_session_that_is_over_is_told_kindly(sandbox, page):
    grant = life.new_grant(sandbox)
    opened = sandbox.post("/v1/principal-sessions", {"principalId": grant.principal_id, "expiresIn": "1s"}).expect(201)
    page.wait(lambda: sandbox.get("/v1/principal/grants", headers=bearer(opened)).status == 401)
    page.open(opened["dashboardUrl"])
    page.wait_title("Your session is over")
    assert agents(page) == [] and "unchanged" in page.texts("#over")[0]
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


def bearer(opened):
    return {"Authorization": f"Bearer {opened['sessionToken']}"}


def test_without_a_session_the_page_says_where_to_get_one(server, page):
    page.open(f"{server.url}/permissions")
    page.wait_title("Please open this page from your application")


def test_an_agent_named_like_a_script_is_shown_as_text(server, sandbox, page):
    agent_id = life.register(sandbox, SCRIPT, scopes=[SCRIPT])
    life.new_grant(sandbox, agent_id=agent_id, scopes=[SCRIPT])
    open_permissions(page, sandbox)
    page.wait(lambda: agents(page) == [SCRIPT])
    assert page.texts(".scopes li") == [SCRIPT] and page.driver.title == "Your permissions"


def test_the_page_fits_a_phone(sandbox, page):
    life.new_grant(sandbox, agent_id=life.register(sandbox, "x" * 200))
    page.size("phone")
    open_permissions(page, sandbox)
    page.wait(lambda: len(agents(page)) == 1)
    assert page.script("return document.documentElement.scrollWidth") <= 360


def test_consent_given_in_the_browser_is_a_code_that_can_be_exchanged(server, api, page):
    agent_id = life.register(api, SCRIPT)
    asked = life.authorize(api, agent_id)
    page.open(asked["consentUrl"])
    page.wait(lambda: page.texts("#agent-name") == [SCRIPT])
    assert page.texts("#scopes li") == ["See the events in your calendar", "See your contacts"]
    page.press("#approve")
    page.wait_title("Approved")
    (code,) = page.texts("#code")
    assert life.exchange(api, code, agent_id)["scopes"] == life.SCOPES


def test_after_consent_the_browser_goes_back_with_code_and_state(server, api, page):
    agent_id = life.register(api)
    back = f"{server.url}/health"
    asked = life.authorize(api, agent_id, redirectUri=back, state="s 1&x=2")
    page.open(asked["consentUrl"])
    page.wait(lambda: page.all("#approve"))
    page.press("#approve")
    page.wait(lambda: page.driver.current_url.startswith(back))
    code = page.driver.execute_script("return new URLSearchParams(location.search).get('code')")
    assert page.driver.execute_script("return new URLSearchParams(location.search).get('state')") == "s 1&x=2"
    assert life.exchange(api, code, agent_id)["scopes"] == life.SCOPES
