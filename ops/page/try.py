#!/usr/bin/env python3
"""People use the pages in Debian's Chromium, without a screen, against a running server.

    try.py http://127.0.0.1:8080/ [FOLDER]

The accounts are alice, bob and carol of ops/clients/accounts.toml. The story is played with scripts switched off. Then each
page is looked at in light and dark, from 360 to 1440 pixels. FOLDER gets a picture of each. The last line counts the facts;
ends with 1 if one is wrong.
"""

import base64
import os
import pathlib
import sys
import urllib.error
import urllib.request

from chromium import browser, left, submit, text
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trials"))

import facts  # noqa: E402
from facts import confirm as check  # noqa: E402

WIDTHS = (360, 768, 1440)
HEIGHT = 900


def log_in(driver, url, name, password):
    driver.get(url)
    submit(driver, "/account/login", name=name, password=password)


def opens(url, user, password):
    """Whether a calendar program gets in with this password."""
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}", "Depth": "0"}, method="PROPFIND")
    try:
        return urllib.request.urlopen(request, timeout=30).status == 207
    except urllib.error.HTTPError as error:
        return error.code


def story(driver, url):
    print("without scripts")
    driver.get(url)
    check("the page says what this is", "This server keeps calendars" in text(driver), text(driver))
    check("and how to set up each program", all(name in text(driver) for name in ("Thunderbird", "iPhone", "DAVx5", "Evolution", "Outlook")))
    log_in(driver, url, "alice", "wrong")
    check("a wrong password is refused in words", "Name or password is wrong" in text(driver), text(driver))
    log_in(driver, url, "alice", "alice")
    check("Alice logs in", "Logged in as alice" in text(driver), text(driver))
    check("and sees her calendars with their addresses", f"{url}calendars/alice/calendar/" in text(driver), text(driver))

    submit(driver, "/account/devices/make", name="Telephone")
    secret = driver.find_element(By.CSS_SELECTOR, ".secret code").text
    check("she makes an app password, which opens her calendars", opens(url, "alice", secret) is True, secret)
    driver.get(url)
    check("it is shown once", secret not in text(driver))
    submit(driver, "/account/devices/revoke")
    check("she revokes it", "is revoked" in text(driver) and opens(url, "alice", secret) == 401, text(driver))

    submit(driver, "/account/shares/give", person="bob@example.com")
    check("she shares a calendar with Bob", "Shared with Bob" in text(driver), text(driver))
    check("who gets in", opens(f"{url}calendars/alice/calendar/", "bob", "bob") is True)

    submit(driver, "/account/password", password="alice", new_password="correct horse", repeated="correct horse")
    check("she changes her password", "The password is changed" in text(driver), text(driver))
    check("the old one opens nothing", opens(url, "alice", "alice") == 401 and opens(url, "alice", "correct horse") is True)

    submit(driver, "/account/logout")
    check("she logs out", "Log in" in text(driver) and "Logged in" not in text(driver), text(driver))
    driver.back()
    driver.refresh()
    check("and going back shows nothing of hers", "Logged in as" not in text(driver), text(driver))

    log_in(driver, url, "bob", "bob")
    check("Bob sees what she shares", "calendar of Alice" in text(driver), text(driver))
    log_in_again(driver, url)


def log_in_again(driver, url):
    submit(driver, "/account/logout")
    log_in(driver, url, "alice", "correct horse")
    submit(driver, "/account/shares/withdraw")
    check("Alice withdraws it", "The share with Bob is withdrawn" in text(driver), text(driver))
    check("and Bob gets in no more", opens(f"{url}calendars/alice/calendar/", "bob", "bob") == 403)
    submit(driver, "/account/logout")


def by_keyboard(driver, url):
    print("by keyboard")
    driver.get(url)
    keys = driver.switch_to.active_element
    keys.send_keys(Keys.TAB)
    focused = driver.switch_to.active_element
    check("the first stop skips to the content", focused.text == "Skip to the content", focused.text)
    check("and is seen", focused.is_displayed() and focused.rect["x"] >= 0, focused.rect)
    for _ in range(10):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.switch_to.active_element.get_attribute("id") == "name":
            break
    driver.switch_to.active_element.send_keys("carol", Keys.TAB)
    left(driver, lambda: driver.switch_to.active_element.send_keys("carol", Keys.ENTER))
    check("Carol logs in without a mouse", "Logged in as carol" in text(driver), text(driver))


def accessible(driver, page):
    """What a screen reader needs, from the tree that Chromium gives it."""
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    shown = [node for node in nodes if not node.get("ignored")]
    role = lambda node: node.get("role", {}).get("value")
    name = lambda node: (node.get("name") or {}).get("value", "")
    roles = [role(node) for node in shown]
    for landmark in ("main", "banner", "contentinfo", "navigation"):
        check(f"{page} has one {landmark}", roles.count(landmark) == 1, roles.count(landmark))
    unnamed = [role(node) for node in shown if role(node) in ("button", "textbox", "link", "combobox", "radio", "checkbox") and not name(node)]
    check(f"{page}: everything that can be used has a name", unnamed == [], unnamed)
    levels = [int(property["value"]["value"]) for node in shown if role(node) == "heading"
              for property in node.get("properties", []) if property["name"] == "level"]
    steps = [after - before for before, after in zip(levels, levels[1:])]
    check(f"{page}: headings begin at 1 and skip no level", levels[:1] == [1] and all(step <= 1 for step in steps), levels)


CONTRAST = """
const luminance = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
};
const ground = element => {
    for (; element; element = element.parentElement) {
        const color = getComputedStyle(element).backgroundColor;
        if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return 'rgb(255, 255, 255)';
};
const poor = [];
for (const element of document.querySelectorAll('body *')) {
    if (![...element.childNodes].some(node => node.nodeType == 3 && node.textContent.trim()) || !element.checkVisibility()) continue;
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push(`${element.tagName} ${element.className}: ${ratio.toFixed(1)}`);
}
return poor;
"""


def looks(driver, page, folder):
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for width in WIDTHS:
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False})
            wide = driver.execute_script("return document.scrollingElement.scrollWidth")
            check(f"{page} fits {width} pixels ({scheme})", wide <= width, wide)
            if folder:
                picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": False})
                (folder / f"{page}-{scheme}-{width}.png").write_bytes(base64.b64decode(picture["data"]))
        poor = driver.execute_script(CONTRAST)
        check(f"{page}: text stands out from its ground ({scheme})", poor == [], poor)
    complaints = [entry["message"] for entry in driver.get_log("browser") if "favicon" not in entry["message"]]
    check(f"{page}: Chromium has nothing to complain of", complaints == [], complaints)


def main(url, folder):
    folder = folder and pathlib.Path(folder)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with browser(scripts=False) as driver:
        story(driver, url)
        by_keyboard(driver, url)
    with browser(scripts=True) as driver:
        print("how it looks")
        driver.get(url)
        accessible(driver, "welcome")
        looks(driver, "welcome", folder)
        log_in(driver, url, "alice", "correct horse")
        check("Alice logs in with scripts too", "Logged in as alice" in text(driver), text(driver))
        submit(driver, "/account/devices/make", name="Telephone")
        driver.get(url)
        submit(driver, "/account/shares/give", person="bob")
        accessible(driver, "account")
        looks(driver, "account", folder)
    sys.exit(facts.summary("pages in Chromium"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
