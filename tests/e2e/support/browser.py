"""A Chromium that nobody sees, in a folder of its own."""

import contextlib
import os
import shutil

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def find(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, f"none of {', '.join(names)} is installed; ./x install-deps test does that"
    return found


@contextlib.contextmanager
def running(folder):
    options = webdriver.ChromeOptions()
    options.binary_location = find("chromium", "chromium-browser")
    for argument in ("headless=new", "disable-dev-shm-usage", "no-proxy-server", "no-first-run", f"user-data-dir={folder}"):
        options.add_argument(f"--{argument}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # it refuses to have one for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(find("chromedriver")), options=options)
    try:
        yield driver
    finally:
        driver.quit()
