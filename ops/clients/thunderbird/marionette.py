"""A client of Mozilla's Marionette protocol, as far as these plays need it: run a script inside Thunderbird.

The protocol is JSON with its length before it, over a local TCP connection: a command is
`[0, id, name, parameters]`, its answer `[1, id, error, result]`.
"""

import json
import socket
import time

SCRIPT_TIMEOUT_MS = 120_000


class ScriptFailed(Exception):
    """A script inside Thunderbird threw an error; the message holds it with its stack."""


class Marionette:
    """One session in chrome context: scripts may use every module of Thunderbird."""

    def __init__(self, port, patience_s=90):
        self.socket = connect(port, patience_s)
        self.buffer = b""
        self.last_id = 0
        self.receive()
        self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.command("Marionette:SetContext", {"value": "chrome"})
        self.command("WebDriver:SetTimeouts", {"script": SCRIPT_TIMEOUT_MS})

    def run(self, prelude, body, arguments):
        """Runs `body` as an async function whose parameter is `args`; returns what it returns."""
        script = f"""
            const [args, done] = [[...arguments].slice(0, -1), arguments[arguments.length - 1]];
            (async () => {{ {prelude}
                {body} }})().then(
                value => done({{ value: value === undefined ? null : value }}),
                error => done({{ error: `${{error}}\\n${{error?.stack ?? ""}}` }}));
        """
        parameters = {"script": script, "args": arguments, "newSandbox": False, "sandbox": "system"}
        answer = self.command("WebDriver:ExecuteAsyncScript", parameters)["value"]
        if "error" in answer:
            raise ScriptFailed(answer["error"])
        return answer["value"]

    def command(self, name, parameters):
        self.last_id += 1
        message = json.dumps([0, self.last_id, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            raise ScriptFailed(f"{name}: {error.get('message', error)}")
        return result

    def receive(self):
        while b":" not in self.buffer:
            self.buffer += self.more()
        length, _, rest = self.buffer.partition(b":")
        while len(rest) < int(length):
            rest += self.more()
        self.buffer = rest[int(length):]
        return json.loads(rest[: int(length)])

    def more(self):
        received = self.socket.recv(65536)
        if not received:
            raise ScriptFailed("Thunderbird closed the connection")
        return received


def connect(port, patience_s):
    """Waits until Thunderbird listens, at most `patience_s` seconds."""
    end = time.monotonic() + patience_s
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=SCRIPT_TIMEOUT_MS / 1000 + 10)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
