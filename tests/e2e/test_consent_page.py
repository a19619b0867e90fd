"""The consent page as a person has it: in a real browser, by what can be seen and pressed."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import accessibility, life, people
from support.people import SCRIPT


@pytest.fixture(name="northwind")
def fixture_northwind(server):
    return server.sign_up("Northwind Ledger")


def ask(api, page, agent_id=None, **more):
    """The request, shown."""
    asked = life.authorize(api, agent_id or people.invoicer(api)["agentId"], "ada@example.org", **more)
    page.open(asked["consentUrl"])
    page.wait(lambda: page.all("#approve"))
    return asked


def posts(page):
    """How many decisions the page has sent."""
    return page.script("return performance.getEntriesByType('resource').filter((one) => /approve$|deny$/.test(one.name)).length")


def test_the_page_says_who_asks_for_what_how_long_and_what_happens_next(northwind, page):
    agent = people.invoicer(northwind)
    asked = ask(
        northwind, page, agent["agentId"], scopes=people.SCOPES, expiresIn="24h", redirectUri="https://ledger.northwind.example/back?x=1",
    )
    assert page.driver.title == "Authorization Request"
    assert page.texts("h1") == ["Allow Invoicer to act for you?"] and "pays the small ones" in page.texts("#agent-description")[0]
    assert page.texts("#developer") == ["Northwind Ledger"] and page.texts("#life") == ["24 hours"]
    assert page.texts("#redirect-host") == ["ledger.northwind.example"]
    assert [link.get_attribute("href") for link in page.all("#ask a")] == [asked["consentUrl"].split("/consent?")[0] + "/permissions"]
    page.press("summary")
    assert page.texts("#agent-did") == [agent["did"]] and page.texts("#principal") == ["ada@example.org"]
    assert page.texts("#raw-scopes") == [" ".join(people.SCOPES)] and page.texts("#request") == [asked["authRequestId"]]
    page.press("summary")
    page.screenshots("consent")
    accessibility.check(page)


def test_what_needs_a_second_thought_comes_first_with_the_reason(northwind, page):
    ask(northwind, page, scopes=people.SCOPES)
    assert page.texts("#scopes .what") == [
        "Send email in your name", "Make payments in your name, each of at most 50", "ledger:close", "See the events in your calendar",
        "See your contacts",
    ]
    assert page.texts("#scopes .mark") == ["!", "!", "?", "✓", "✓"]
    why = page.texts("#scopes .weighty .why")
    assert len(why) == 3 and "written by you" in why[0] and "spends your money" in why[1] and "Not a standard permission" in why[2]


def test_approve_and_deny_are_equally_easy_to_reach(northwind, page):
    page.media(motion="reduce")
    ask(northwind, page)
    for size in ("desktop", "phone"):
        page.size(size)
        deny, approve = (page.all(f"#{name}")[0].rect for name in ("deny", "approve"))
        assert (deny["width"], deny["height"], deny["y"]) == (approve["width"], approve["height"], approve["y"]) and deny["height"] >= 44
    page.size()
    assert accessibility.walk(page)[-4:] == ["your permissions", "Deny", "Approve", "Details of this request"]


def test_consent_given_in_the_browser_is_a_code_that_can_be_exchanged(northwind, page):
    agent_id = life.register(northwind, SCRIPT)
    ask(northwind, page, agent_id)
    assert page.texts("#agent-name") == [SCRIPT] and page.driver.title == "Authorization Request"
    assert page.texts("#scopes .what") == ["See the events in your calendar", "See your contacts"]
    assert "you get a code" in page.texts("#next-code")[0]
    page.press("#approve")
    page.wait_title("Approved")
    assert page.focused().get_attribute("id") == "approved-title"
    (code,) = page.texts("#code")
    page.screenshots("consent-approved")
    accessibility.check(page)
    assert life.exchange(northwind, code, agent_id)["scopes"] == life.SCOPES


@pytest.mark.parametrize("decision, parameter", [("approve", "code"), ("deny", "error")])
def test_after_the_decision_the_browser_goes_back_with_it_and_the_state(server, northwind, page, decision, parameter):
    agent_id = life.register(northwind)
    back = f"{server.url}/health"
    ask(northwind, page, agent_id, redirectUri=back, state="s 1&x=2")
    page.press(f"#{decision}")
    page.wait(lambda: page.driver.current_url.startswith(back))
    said = page.script("return Object.fromEntries(new URLSearchParams(location.search))")
    assert set(said) == {parameter, "state"} and said["state"] == "s 1&x=2"
    if decision == "approve":
        assert life.exchange(northwind, said["code"], agent_id)["scopes"] == life.SCOPES
    else:
        assert said["error"] == "access_denied"


def test_back_does_not_lead_to_a_decision_that_was_made(server, northwind, page):
    page.open(f"{server.url}/permissions")
    asked = ask(northwind, page, redirectUri=f"{server.url}/health")
    page.press("#approve")
    page.wait(lambda: "/health" in page.driver.current_url)
    page.driver.back()
    page.wait(lambda: page.driver.current_url == f"{server.url}/permissions")
    page.open(asked["consentUrl"])
    page.wait_title("This request is over")
    assert "approved already" in page.texts("#why-over")[0] and page.all("#approve") == []


def test_a_double_click_decides_once(northwind, page):
    agent_id = life.register(northwind)
    ask(northwind, page, agent_id)
    ActionChains(page.driver).double_click(page.all("#approve")[0]).perform()
    page.wait_title("Approved")
    page.wait(lambda: posts(page))  # what was loaded is noted down a moment after its answer was read
    assert posts(page) == 1 and life.exchange(northwind, page.texts("#code")[0], agent_id)["grantId"]


def test_by_keyboard_alone_one_can_deny(northwind, page):
    asked = ask(northwind, page)
    assert page.focused().get_attribute("id") == "ask-title"  # a screen reader begins with who asks
    for _ in range(20):
        if page.focused().get_attribute("id") == "deny":
            break
        page.focused().send_keys(Keys.TAB)
    page.focused().send_keys(Keys.ENTER)
    page.wait_title("Denied")
    assert page.focused().get_attribute("id") == "denied-title" and page.texts("#denied p") == ["Nothing was allowed. You can close this page."]
    accessibility.check(page)
    page.open(asked["consentUrl"])
    page.wait_title("This request is over")
    assert "denied already" in page.texts("#why-over")[0]


def test_a_request_whose_time_has_run_out_says_so(server, northwind, page):
    asked = life.authorize(northwind, life.register(northwind), expiresIn="1s")
    page.wait(lambda: server.anonymous().get(f"/v1/consent/{asked['authRequestId']}").status == 410)
    page.open(asked["consentUrl"])
    page.wait_title("This request is over")
    assert page.texts("#why-over") == ["This authorization request has expired."] and "start again" in page.texts("#over")[0]
    page.screenshots("consent-over")
    accessibility.check(page)


@pytest.mark.parametrize("query", ["", "?req=", "?req=areq_01ARZ3NDEKTSV4RRFFQ69G5FAV", "?req=../../health", f"?req={SCRIPT}"])
def test_a_link_with_nothing_behind_it_is_said_kindly(server, page, query):
    page.open(f"{server.url}/consent{query}")
    page.wait_title("No such request")
    assert "Nothing has been allowed." in page.texts("#unknown")[0]
    accessibility.check(page)


def test_a_server_that_is_away_is_said_and_a_press_tries_again(server, northwind, page):
    agent_id = life.register(northwind)
    asked = ask(northwind, page, agent_id)
    server.kill()
    page.press("#approve")
    page.wait(lambda: page.texts("#trouble"))
    assert "cannot be reached" in page.texts("#trouble")[0] and page.driver.title == "Authorization Request"
    accessibility.check(page)
    server.restart()
    page.press("#approve")
    page.wait_title("Approved")
    assert life.exchange(northwind, page.texts("#code")[0], agent_id)["grantId"]
    assert asked["authRequestId"] in page.driver.current_url


def test_a_request_that_cannot_be_looked_up_can_be_looked_up_again(server, northwind, page):
    ask(northwind, page)
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/v1/consent/*"]})
    page.driver.refresh()
    page.wait_title("The request could not be looked up")
    assert "cannot be reached" in page.texts("#why-failed")[0] and "Nothing was decided." in page.texts("#failed")[0]
    accessibility.check(page)
    page.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    page.press("#reload")
    page.wait_title("Authorization Request")


def test_names_of_any_length_fit_a_phone_and_nothing_moves_for_who_wants_none(northwind, page):
    page.size("phone")
    page.media(motion="reduce")
    ask(northwind, page, life.register(northwind, "x" * 200))
    assert page.script("return getComputedStyle(document.querySelector('#ask')).animationName") == "none"
    assert accessibility.faults(page) == []
    page.size()
    page.media()


def test_what_existing_clients_look_for_is_in_the_page(server):
    text = server.anonymous().get("/consent").body.decode()
    assert "Authorization Request" in text and "/v1/consent/" in text
