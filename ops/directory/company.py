"""A company for a trial: a directory, and a server whose people are in it."""

import base64
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

from facts import check
from server import Server


class Company:
    """A directory and a server that asks it. `settings` are those of `directory` in the configuration."""

    def __init__(self, run, settings):
        self.run, self.settings = run, settings
        self.server = Server(os.environ["PROGRAM"], os.path.join(run, "store"))

    def configure(self, **settings):
        for name in [name for name in os.environ if name.startswith("DAYBOOK_DIRECTORY_")]:
            del os.environ[name]
        for name, value in {**self.settings, **settings}.items():
            os.environ[f"DAYBOOK_DIRECTORY_{name.upper()}"] = value

    def status(self, name, password, path="/principals/"):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
        connection.request("PROPFIND", path, headers={"Authorization": f"Basic {credentials}", "Depth": "0"})
        status = connection.getresponse().status
        connection.close()
        return status

    def until(self, title, found, expected):
        """Waits for a sync, for as long as a person may wait: a minute."""
        until = time.monotonic() + 60
        while time.monotonic() < until and found() != expected:
            time.sleep(0.2)
        check(title, found(), expected)

    def sync(self, *options):
        done = self.server.run("directory", "sync", "--json", *options)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def accounts(self):
        listed = self.server.run("principal", "list", "--json").stdout.splitlines()
        return {account["name"]: account for account in map(json.loads, listed)}

    def app_password(self, name, device="Phone"):
        return self.server.run("app-password", "add", name, device).stdout.strip().splitlines()[-1].strip()

    def events(self):
        return json.loads(self.server.run("journal", "stats", "--format", "json").stdout)["events"]

    def metric(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        return [line.split(" ")[1] for line in lines if line.startswith(name + " ")]

    def refusals(self, rows):
        """Checks why `directory check` refuses settings: rows of a title, the settings that differ, and a part of what it says."""
        for title, change, expected in rows:
            self.configure(**change)
            said = self.server.run("directory", "check")
            check(title, (said.returncode, expected in said.stderr), (1, True))
            if expected not in said.stderr:
                print("   ", said.stderr.strip())
        self.configure()


class Page:
    """The page in a browser that keeps cookies."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def ask(self, path="", **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.url + path, data, {"Accept": "text/html"})
        try:
            return self.opener.open(request, timeout=30).read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def log_in(self, name, password):
        token = self.ask().split('name="token" value="', 1)[1].split('"', 1)[0]
        return self.ask("account/login", token=token, name=name, password=password)

    def is_logged_in(self):
        return "Logged in as" in self.ask()


class Ways:
    """Every way in of one person: password, app password, session of the page, bearer token."""

    def __init__(self, company, issuer, name, password, device="Phone"):
        self.company, self.issuer, self.name, self.password = company, issuer, name, password
        self.phone = company.app_password(name, device)
        self.token, self.page = issuer.token(name), Page(company.server.port)
        self.page.log_in(name, password)

    def bearer(self, token):
        headers = {"Authorization": f"Bearer {token}", "Depth": "0"}
        return self.company.server.request("PROPFIND", "/principals/", None, headers=headers)[0]

    def open(self):
        status = self.company.status
        opens = {
            "password": status(self.name, self.password) == 207,
            "app password": status(self.name, self.phone) == 207,
            "session": self.page.is_logged_in(),
            "bearer token": self.bearer(self.token) == 207,
        }
        return [way for way, is_open in opens.items() if is_open]

    def check_open(self, title="each way opens"):
        check(title, self.open(), ["password", "app password", "session", "bearer token"])

    def check_closed(self, title="none opens any more"):
        """Waits until no way opens, and tries a new session and a new token."""
        self.company.until(title, self.open, [])
        page = Page(self.company.server.port)
        page.log_in(self.name, self.password)
        check("nor a new session", page.is_logged_in(), False)
        check("nor another token", self.bearer(self.issuer.token(self.name)), 401)
