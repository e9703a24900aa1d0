#!/usr/bin/env python3
"""Tries single sign-on and bearer tokens with oidc-provider of npm.

People log in in Debian's Chromium with scripts switched off; a telephone gets tokens and uses them with python-caldav; and
whoever wants to get in without either tries. The last line counts the facts; ends with 1 if one is wrong.
"""

import json
import os
import shutil
import sys
import tempfile
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, "..", "trials"), os.path.join(FOLDER, "..", "page")]

import caldav  # noqa: E402
import facts  # noqa: E402
from chromium import browser, left, submit, text  # noqa: E402
from facts import check  # noqa: E402
from machine import certify, free_port  # noqa: E402
from provider import Provider  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from server import Server, calendar, event  # noqa: E402
from web import Web, changed, query  # noqa: E402

SECRET = "a secret: with+signs%"
# Seconds between two looks of the server at the keys of the provider.
PAUSE = 10
HOME = "/calendars/alice/"


class Company:
    """A provider, and a server whose people log in there."""

    def __init__(self, run, node):
        self.run, self.port = run, free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.provider = Provider(node, certify(run), self.url, self.url)
        self.provider.start()
        self.secret = os.path.join(run, "secret")
        with open(self.secret, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        self.server = Server(os.environ["PROGRAM"], os.path.join(run, "store"))
        # Tokens and codes that must not be found anywhere, and what the log said so far.
        self.used, self.said = [SECRET], ""

    def configure(self, **settings):
        for name in [name for name in os.environ if name.startswith("DAYBOOK_OPENID_")]:
            del os.environ[name]
        os.environ["DAYBOOK_PUBLIC_URL"] = self.url
        usual = {
            "issuer": self.provider.issuer,
            "client_id": "daybook",
            "secret_file": self.secret,
            "ca_file": self.provider.authority,
            "name": "Example",
            "audience": self.url,
            "administrators_group": "admins",
            "timeout_seconds": "2",
        }
        for name, value in {**usual, **settings}.items():
            os.environ[f"DAYBOOK_OPENID_{name.upper()}"] = value

    def start(self):
        check("the server starts", self.server.start(self.port), True)

    def stop(self):
        self.server.stop()
        self.said += self.server.said()

    def restart(self):
        self.stop()
        self.start()

    def status(self, token, path=HOME):
        """The status of a request with a bearer token."""
        return self.answer(token, path)[0]

    def answer(self, token, path=HOME):
        self.used.append(token)
        return self.server.request("PROPFIND", path, None, headers={"Authorization": f"Bearer {token}", "Depth": "0"})

    def claims(self, **changes):
        """The claims of an access token of Alice."""
        now = int(time.time())
        claims = {"iss": self.provider.issuer, "sub": "alice", "aud": self.url, "exp": now + 300, "iat": now,
                  "preferred_username": "alice", "jti": str(time.monotonic_ns())}  # fmt: skip
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}

    def account(self, name):
        return self.server.run("principal", "show", name, "--json").stdout

    def last_act(self):
        """The last event of the journal, in words."""
        last = json.loads(self.server.run("journal", "stats", "--format", "json").stdout)["events"]
        return self.server.run("show", f"#{last}").stdout


def settings(company):
    """What `check-config` and `openid check` say."""
    run = company.server.run
    company.configure()
    check("check-config", run("check-config").returncode, 0)
    found = run("openid", "check")
    check("openid check", (found.returncode, f"Register {company.url}account/openid there" in found.stdout), (0, True))
    rows = [
        ("an authority that signed nothing", {"ca_file": "/etc/ssl/certs/ca-certificates.crt"}, "invalid peer certificate"),
        ("nobody", {"issuer": "https://localhost:1"}, "refused"),
        ("another issuer", {"issuer": company.provider.issuer + "/"}, f"names the issuer `{company.provider.issuer}`"),
        ("another name in the certificate", {"issuer": company.provider.issuer.replace("localhost", "127.0.0.2")}, "the request to"),
        ("no secret", {"secret_file": "/nowhere"}, "openid.secret_file: /nowhere"),
        ("ID tokens as bearer tokens", {"audience": "daybook"}, "the same as openid.client_id"),
        ("without TLS", {"issuer": "http://login.example.com"}, "must begin with https://"),
    ]  # fmt: skip
    for title, change, expected in rows:
        company.configure(**change)
        said = run("openid", "check")
        check(title, (said.returncode, expected in said.stderr, said.stderr if expected not in said.stderr else ""), (1, True, ""))
    company.configure()


def go(driver, words):
    """Follows the link with these words."""
    left(driver, driver.find_element(By.LINK_TEXT, words).click)


def at_provider(driver, company, name):
    """Goes to the provider, and logs in there."""
    driver.get(company.url)
    go(driver, "Log in with Example")
    driver.find_element(By.NAME, "name").send_keys(name)
    left(driver, driver.find_element(By.TAG_NAME, "button").click)


def people(company):
    """People log in, in Chromium."""
    server = company.server
    with browser(scripts=False, any_certificate=True) as driver:
        at_provider(driver, company, "alice")
        check("Alice logs in", "Logged in as alice" in text(driver), True)
        check("nothing of the login stands in the address", driver.current_url, company.url)
        check("a group gives a right", '"administrator":true' in company.account("alice").replace(" ", ""), True)
        submit(driver, "/account/devices/make", name="Telephone")
        secret = driver.find_element(By.CSS_SELECTOR, ".secret code").text
        check("the history says how", "\n  login        openid\n" in company.last_act(), True)
        check("an app password", server.request("PROPFIND", HOME, "alice", headers={"Depth": "0"}, password=secret)[0], 207)
        submit(driver, "/account/logout")
        check("logged out here", "You are logged out here" in text(driver), True)
        driver.find_element(By.LINK_TEXT, "Log out of Example").click()
        check("asked at the provider", "sign-out" in text(driver).lower(), True)
        left(driver, driver.find_element(By.CSS_SELECTOR, "button[value=yes]").click)
        check("back at the start", (driver.current_url, "Log in with Example" in text(driver)), (company.url, True))

        at_provider(driver, company, "dora")
        check("somebody without an account", "Example knows you as “dora”" in text(driver), True)
    with browser(scripts=False, any_certificate=True) as driver:
        at_provider(driver, company, "bob")
        check("Bob logs in", "Logged in as bob" in text(driver), True)
        server.run("principal", "disable", "bob")
        driver.refresh()
        check("disabled, the session", "Logged in as" in text(driver), False)
        go(driver, "Log in with Example")
        check("disabled, a new login", "Example knows you as “bob”" in text(driver), True)
        server.run("principal", "enable", "bob")


def logins(company):
    """Logins that are not of the browser that began them."""
    def begin():
        web = Web(company.provider.authority)
        _, address, _ = web.ask(company.url + "account/openid/begin")
        back = web.log_in(address, "alice", company.url)
        company.used += [query(back)["code"], query(address)["state"]]
        return web, address, back

    web, address, back = begin()
    check("the address asks for PKCE", query(address)["code_challenge_method"], "S256")
    check("right", web.ask(back)[:2], (303, company.url))
    check("twice", web.ask(back)[0], 403)
    web, _, back = begin()
    check("another browser", Web(company.provider.authority).ask(back)[0], 403)
    other, _, _ = begin()
    check("a browser that began another login", other.ask(back)[0], 403)
    for title, change in [
        ("another state", {"state": "x"}),
        ("no state", {"state": None}),
        ("no issuer", {"iss": None}),
        ("another issuer", {"iss": "https://login.example.org"}),
        ("a made-up code", {"code": "x"}),
        ("no code", {"code": None}),
        ("a refusal", {"error": "access_denied"}),
    ]:
        web, _, back = begin()
        check(title, web.ask(changed(back, **change))[0], 403)
    wrong = os.path.join(company.run, "wrong")
    with open(wrong, "w", encoding="utf-8") as file:
        file.write("wrong\n")
    company.stop()
    company.configure(secret_file=wrong)
    company.start()
    web, _, back = begin()
    status, _, body = web.ask(back)
    check("a wrong secret", (status, "invalid_client" in body), (403, True))
    company.stop()
    company.configure()
    company.start()


def programs(company):
    """A telephone with tokens of the provider."""
    provider = company.provider
    tokens = provider.tokens("alice")
    token = tokens["access_token"]
    company.used += [token, tokens["id_token"]]
    with caldav.DAVClient(company.url, password=token, auth_type="bearer") as client:
        calendars = client.principal().calendars()
        check("python-caldav finds the calendar", any("/alice/calendar/" in str(found.url) for found in calendars), True)
        place = next(found for found in calendars if "/alice/calendar/" in str(found.url))
        place.save_event(calendar(event("1", "DTSTART:20300107T090000Z", "SUMMARY:Lunch")))
        check("and stores an event", len(place.events()), 1)
    check("the history says how", "\n  login        token\n" in company.last_act(), True)
    check("another's calendar", company.status(provider.tokens("bob")["access_token"]), 403)
    check("somebody without an account", company.status(provider.tokens("dora")["access_token"]), 401)
    head = company.answer(tokens["id_token"])[1]
    check("an ID token", 'error="invalid_token"' in head.get("www-authenticate", ""), True)


def forgeries(company):
    """Tokens that are wrong."""
    now = int(time.time())
    mine = company.claims
    rows = [
        ("right", mine(), {}, "provider", 207),
        ("an access token by its type", mine(), {"typ": "at+jwt"}, "provider", 207),
        ("of another type", mine(), {"typ": "logout+jwt"}, "provider", 401),
        ("expired", mine(exp=now - 61), {}, "provider", 401),
        ("without an end", mine(exp=None), {}, "provider", 401),
        ("of later", mine(nbf=now + 120), {}, "provider", 401),
        ("another audience", mine(aud="https://mail.example.com/"), {}, "provider", 401),
        ("the audience of ID tokens", mine(aud="daybook"), {}, "provider", 401),
        ("another issuer", mine(iss="https://login.example.org"), {}, "provider", 401),
        ("nobody", mine(preferred_username=None), {}, "provider", 401),
        ("bound to a key", mine(cnf={"jkt": "x"}), {}, "provider", 401),
        ("another's key", mine(), {}, "other", 401),
        ("an unknown key", mine(), {"kid": "x"}, "other", 401),
        ("not signed", mine(), {"alg": "none"}, "none", 401),
        ("not signed, as if it were", mine(), {}, "none", 401),
    ]  # fmt: skip
    for title, claims, head, by, expected in rows:
        check(title, company.status(company.provider.forge(claims, head, by)), expected)
    # Ten wrong ones are looked at.
    check("a shared secret", company.status(company.provider.forge(mine(), {"alg": "HS256"}, "secret")), 429)
    check("a right one, after so many wrong ones", company.status(company.provider.forge(mine())), 429)
    company.restart()
    check("a shared secret", company.status(company.provider.forge(mine(), {"alg": "HS256"}, "secret")), 401)


def changes(company):
    """New keys, people who leave, and a provider that is away."""
    provider, server = company.provider, company.server
    mine = company.claims
    token, unused = provider.forge(mine()), provider.forge(mine())
    check("a token", company.status(token), 207)
    provider.renew()
    check("the old key, before the new one is known", company.status(unused), 207)
    new, begun = provider.tokens("alice")["access_token"], time.monotonic()
    while company.status(new) != 207 and time.monotonic() < begun + 2 * PAUSE:
        time.sleep(1)
    check("a new key is found", company.status(new), 207)
    company.restart()
    check("the new key, after a start", company.status(new), 207)
    check("the old key", company.status(unused), 401)

    server.run("principal", "disable", "alice")
    check("disabled", company.status(new), 401)
    server.run("principal", "enable", "alice")
    check("enabled", company.status(new), 207)
    later = provider.forge(mine())
    provider.stop()
    check("the provider is away", company.status(later), 207)
    company.restart()
    check("the provider is away from the start", company.status(later), 503)
    check("passwords go on", server.request("PROPFIND", HOME, "alice", headers={"Depth": "0"})[0], 207)
    page = Web(provider.authority).ask(company.url + "account/openid/begin")
    check("the page says so", (page[0], "The login at Example does not work now" in page[2]), (503, True))
    metrics = server.request("GET", "/metrics", None)[2]
    check("a metric counts it", "daybook_openid_failed_reads_total 1\n" in metrics, True)
    provider.start()


def traces(company):
    """What is left of tokens: refusals, and nothing of them."""
    said = company.said
    refusals = company.server.run("refusals").stdout
    check("refusals are recorded", "the token has a wrong signature" in refusals, True)
    check("and logged", 'name="alice" why="the token has a wrong signature"' in said, True)
    # The signature of a token is in no other text.
    needles = {token.rsplit(".", 1)[-1] for token in company.used if len(token.rsplit(".", 1)[-1]) > 8}
    check("the log has no token, no code and no secret", [needle for needle in needles if needle in said], [])
    kept = b""
    for folder, _, names in os.walk(company.server.data):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                kept += file.read()
    check("nor has the data folder", [needle for needle in needles if needle.encode() in kept], [])


def main(node):
    run = tempfile.mkdtemp(prefix="daybook-openid-")
    company = Company(run, node)
    try:
        settings(company)
        company.server.people(["alice", "bob"])
        for part in (people, logins, programs, forgeries, changes):
            company.start()
            part(company)
            company.stop()
        traces(company)
    finally:
        company.server.stop()
        company.provider.stop()
        shutil.rmtree(run)
    print(f"openid: {facts.checked} facts checked with oidc-provider, {facts.failed} failed")
    return facts.failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
