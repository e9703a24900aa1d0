"""As much of an OpenID provider as bearer tokens need: its document, its key, and tokens. Needs openssl.

`ops/openid/try` plays a whole one.
"""

import base64
import http.server
import json
import os
import subprocess
import threading
import time

from machine import tool


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Issuer:
    """Signs with a key in the folder `run` (RS256), and shows its public half on a port of this machine."""

    def __init__(self, run, audience):
        self.key, self.audience = os.path.join(run, "issuer-key.pem"), audience
        tool("openssl", "genrsa", "-out", self.key, "2048")
        modulus = tool("openssl", "rsa", "-in", self.key, "-noout", "-modulus").strip().removeprefix("Modulus=")
        key = {"kty": "RSA", "kid": "1", "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler({"/keys": {"keys": [key]}}))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self, documents):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805
                at = {name: self.url + path for name, path in (("authorization_endpoint", "/"), ("token_endpoint", "/"), ("jwks_uri", "/keys"))}
                body = json.dumps(documents.get(handler.path, {"issuer": self.url, **at})).encode()
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_):  # noqa: N805
                pass

        return Handler

    def token(self, name):
        """An access token of a person."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": name, "aud": self.audience, "exp": now + 600, "preferred_username": name}
        message = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims))
        command = ["openssl", "dgst", "-sha256", "-sign", self.key]
        signature = subprocess.run(command, input=message.encode(), capture_output=True, check=True).stdout
        return f"{message}.{encoded(signature)}"
