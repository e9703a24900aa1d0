"""A server of its own for a trial: a folder with accounts, and requests to it. Python's standard library only."""

import base64
import http.client
import os
import shutil
import signal
import subprocess
import tempfile
import time

from machine import free_port

PATIENCE_SECONDS = 60


def calendar(*components):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Daybook//Trials//EN", *components, "END:VCALENDAR", ""]
    return "\r\n".join(line for part in lines for line in part.split("\n"))


def event(uid, *lines):
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260105T110000Z", *lines, "END:VEVENT"])


class Server:
    """The program on a data folder. `environment` overrides settings."""

    def __init__(self, program, data=None):
        self.program = os.path.abspath(program)
        self.data = data or tempfile.mkdtemp(prefix="daybook-trial-")
        self.log = os.path.join(tempfile.gettempdir(), f"daybook-trial-{os.getpid()}.log")
        self.process, self.port = None, None

    def run(self, *arguments):
        return subprocess.run(
            [self.program, "--data", self.data, *arguments], capture_output=True, text=True, check=False
        )

    def people(self, names):
        accounts = "version = 1\n" + "".join(
            f'\n[[account]]\nid = "{name}"\nkind = "user"\ndisplay_name = "{name}"\n'
            f'email = "{name}@example.com"\nlogin = true\n'
            for name in names
        )
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(accounts)
            file.flush()
            done = self.run("principal", "import", "--password-is-id", file.name)
        assert done.returncode == 0, done.stderr

    def start(self, port=None):
        """Starts to serve, at a free port if none is given. Returns False if the program ends instead: `self.said()` tells why."""
        self.port = port or free_port()
        with open(self.log, "w", encoding="utf-8") as log:
            command = [self.program, "--data", self.data, "serve", "--listen", f"127.0.0.1:{self.port}"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                return False
            try:
                if self.request("GET", "/readyz", None)[0] == 200:
                    return True
            except OSError:
                pass
            time.sleep(0.02)
        raise TimeoutError(f"the server is not ready: {self.said()}")

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self, kind=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(kind)
            self.process.wait(PATIENCE_SECONDS)

    def remove(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.data, ignore_errors=True)

    def request(self, method, path, who, body=None, headers=(), password=None):
        """Returns status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        sent = dict(headers)
        if who is not None:
            secret = f"{who}:{password or who}".encode()
            sent["Authorization"] = "Basic " + base64.b64encode(secret).decode()
        if body is not None:
            sent.setdefault("Content-Type", "text/calendar" if method in ("PUT", "POST") else "application/xml")
        connection.request(method, path, body.encode() if isinstance(body, str) else body, sent)
        response = connection.getresponse()
        answer = (response.status, dict(response.getheaders()), response.read().decode("utf-8", "replace"))
        connection.close()
        return answer

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) // 1024 for line in status if line.startswith(what + ":"))

    def journal_bytes(self):
        names = ("journal.sqlite", "journal.sqlite-wal")
        paths = [os.path.join(self.data, name) for name in names]
        return sum(os.path.getsize(path) for path in paths if os.path.exists(path))
