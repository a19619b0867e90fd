"""A Chromium that nobody sees, in a folder of its own; what it looks like in (light, dark, phone), and pictures of it."""

import base64
import contextlib
import os
import shutil

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from . import build

SCREENSHOTS = build.FOLDER / "screenshots"

# It talks to the server of the test and to nobody else.
FLAGS = (
    "headless=new", "disable-gpu", "disable-quic", "disable-dev-shm-usage", "no-proxy-server", "no-first-run",
    "disable-background-networking", "disable-component-update", "disable-sync", "disable-default-apps",
    "hide-scrollbars", "lang=en-GB",
)

# name: width, height, phone
SIZES = {"desktop": (1100, 800, False), "phone": (360, 780, True)}


def find(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {', '.join(names)} is installed; ./x install-deps test does that"
    return found


@contextlib.contextmanager
def running(folder):
    options = webdriver.ChromeOptions()
    options.binary_location = find("chromium", "chromium-browser")
    for argument in (*FLAGS, f"user-data-dir={folder}"):
        options.add_argument(f"--{argument}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # it refuses to have one for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(find("chromedriver")), options=options)
    try:
        yield driver
    finally:
        driver.quit()


@contextlib.contextmanager
def tab(driver):
    """A Page in a tab of its own, in which no script may fail and the policy need stop nothing. (What the server refuses is
    logged too: that is no complaint.)"""
    driver.switch_to.new_window("tab")
    yield Page(driver)
    complaints = [entry for entry in driver.get_log("browser") if entry["source"] != "network"]
    driver.close()
    driver.switch_to.window(driver.window_handles[0])
    assert complaints == []


class Page:
    """A tab, by what can be seen and pressed."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get(url)

    def wait(self, condition):
        """Until that is true; an element may be replaced while it is looked at."""
        patient = WebDriverWait(self.driver, build.PATIENCE, 0.05, [StaleElementReferenceException])
        return patient.until(lambda _: condition())

    def wait_title(self, text):
        """Until the section with this title shows."""
        self.wait(lambda: self.driver.title == text)

    def all(self, selector):
        return self._whole(lambda: self._displayed(selector))

    def texts(self, selector):
        return self._whole(lambda: [element.text for element in self._displayed(selector)])

    def _displayed(self, selector):
        return [element for element in self.driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]

    def _whole(self, look):
        """What look() says of one state of the page: each element is asked for by itself, and the page's scripts may replace
        some of them in between."""
        (said,) = self.wait(lambda: (look(),))
        return said

    def press(self, selector, which=0):
        """What fades in is not there at once; what is replaced before it was pressed was not pressed."""
        def pressed():
            shown = self.all(selector)
            return shown and (shown[which].click(), True)

        self.wait(pressed)

    def focused(self):
        return self.driver.switch_to.active_element

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def media(self, scheme="light", motion="no-preference"):
        """What the person prefers: scheme "light" or "dark", motion "reduce" or "no-preference"."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def size(self, name="desktop"):
        """Of the screen, as in SIZES. A phone's is narrower than any window of a desktop can be made."""
        width, height, phone = SIZES[name]
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def screenshot(self, name):
        """The whole page, as it is now, in build/screenshots/NAME.png."""
        height = self.script("return Math.ceil(document.documentElement.getBoundingClientRect().height)")
        width = self.script("return document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": max(height, self.script("return innerHeight")), "scale": 1}
        # The pointer must rest on nothing, and what fades in must have arrived.
        self.wait(lambda: self.script("return document.getAnimations().every((one) => one.playState === 'finished')"))
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def screenshots(self, name):
        """NAME-light.png, NAME-dark.png and NAME-phone.png; then as before."""
        for suffix, scheme, size in (("light", "light", "desktop"), ("dark", "dark", "desktop"), ("phone", "light", "phone")):
            self.media(scheme)
            self.size(size)
            self.screenshot(f"{name}-{suffix}")
        self.media()
        self.size()
