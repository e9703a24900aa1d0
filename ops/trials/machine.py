"""What servers of a trial need of this machine: ports, and certificates of an authority of their own. Needs openssl."""

import os
import socket
import subprocess


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def tool(*command, given=None):
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
    return done.stdout


def certify(folder, names="DNS:localhost,IP:127.0.0.1"):
    """Makes an authority, and a certificate of it for names of this machine. Returns the files authority, certificate and key."""
    files = ("authority.pem", "certificate.pem", "key.pem", "authority-key.pem", "request.pem", "extensions")
    authority, certificate, key, authority_key, request, extensions = (os.path.join(folder, name) for name in files)
    tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Example CA",
         "-keyout", authority_key, "-out", authority)  # fmt: skip
    tool("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", request)
    with open(extensions, "w", encoding="utf-8") as file:
        file.write(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
    tool("openssl", "x509", "-req", "-days", "2", "-in", request, "-CA", authority, "-CAkey", authority_key,
         "-CAcreateserial", "-extfile", extensions, "-out", certificate)  # fmt: skip
    return authority, certificate, key
