"""Debian's Chromium without a screen, and what people do in it."""

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


def browser(scripts, any_certificate=False):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=en"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.accept_insecure_certs = any_certificate
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def text(driver):
    return driver.find_element(By.TAG_NAME, "body").text


def submit(driver, action, **fields):
    """Fills the form with this action, and sends it with its button."""
    form = driver.find_element(By.CSS_SELECTOR, f'form[action="{action}"]')
    for name, value in fields.items():
        form.find_element(By.NAME, name.replace("_", "-")).send_keys(value)
    left(driver, form.find_element(By.TAG_NAME, "button").click)


def left(driver, act):
    """Does what leads to another page, and waits until that is there."""
    before = driver.find_element(By.TAG_NAME, "html").id
    act()
    # Between two pages the driver has errors of many kinds.
    wait = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])
    wait.until(lambda driver: driver.find_element(By.TAG_NAME, "html").id != before and driver.find_element(By.TAG_NAME, "footer"))
