"""oidc-provider of npm for a trial, and a telephone that gets tokens from it."""

import base64
import hashlib
import json
import os
import signal
import subprocess

from machine import free_port
from web import Web, query

BACK = "https://phone.example.com/back"
VERIFIER = "telephone" * 6


class Provider:
    def __init__(self, node, files, calendars, audience):
        self.authority, certificate, key = files
        self.port, self.audience = free_port(), audience
        self.issuer = f"https://localhost:{self.port}"
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "provider.mjs")
        self.command = [node, script, str(self.port), certificate, key, calendars, audience]
        self.process = None

    def start(self):
        # The `node` of PyPI starts another process.
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert self.process.stdout.readline() == "ready\n", "the provider does not start"

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def renew(self):
        """Replaces the keys by new ones."""
        Web(self.authority).ask(f"{self.issuer}/try/renew", body=b"")

    def forge(self, claims, head=None, by="provider"):
        """A token with any claims, signed by the provider, with a key of another, with a shared secret, or not."""
        asked = json.dumps({"by": by, "head": head or {}, "claims": claims}).encode()
        return Web(self.authority).ask(f"{self.issuer}/try/forge", body=asked)[2]

    def tokens(self, name):
        """What the telephone of a person gets: an access token for calendars, and an ID token."""
        web = Web(self.authority)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        back = web.log_in(
            f"{self.issuer}/auth?client_id=phone&response_type=code&redirect_uri={BACK}&scope=openid+calendars"
            f"&resource={self.audience}&code_challenge={challenge}&code_challenge_method=S256&state=s",
            name, BACK,
        )  # fmt: skip
        form = {"grant_type": "authorization_code", "code": query(back)["code"], "redirect_uri": BACK, "client_id": "phone",
                "code_verifier": VERIFIER, "resource": self.audience}  # fmt: skip
        status, _, body = web.ask(f"{self.issuer}/token", form)
        assert status == 200, body
        return json.loads(body)
