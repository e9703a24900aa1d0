"""An OpenLDAP of its own for a trial, on ports of its own, with TLS. Needs slapd, ldap-utils and openssl."""

import os
import shutil
import socket
import subprocess
import time

from machine import certify, free_port, tool

BASE = "dc=example,dc=com"
ADMIN = f"cn=admin,{BASE}"
PATIENCE_SECONDS = 20


class Slapd:
    """A server in the folder `run`, filled with the entries of an LDIF text."""

    def __init__(self, run, ldif):
        self.run, self.process = run, None
        self.plain, self.tls = free_port(), free_port()
        os.mkdir(os.path.join(run, "database"))
        self.authority, _, _ = certify(run)
        self.conf = os.path.join(run, "slapd.conf")
        with open(os.path.join(os.path.dirname(__file__), "slapd.conf"), encoding="utf-8") as template:
            text = template.read().replace("RUN", run)
        with open(self.conf, "w", encoding="utf-8") as conf:
            conf.write(text)
        tool(self.program("slapadd"), "-q", "-f", self.conf, given=ldif)

    @staticmethod
    def program(name):
        return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin") or name

    def start(self):
        urls = f"ldap://localhost:{self.plain} ldaps://localhost:{self.tls} ldaps://127.0.0.2:{self.tls}"
        log = open(os.path.join(self.run, "slapd.log"), "a", encoding="utf-8")
        with log:
            command = [self.program("slapd"), "-d", "0", "-f", self.conf, "-h", urls]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("localhost", self.plain), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, "slapd ended"
                time.sleep(0.05)
        raise AssertionError("slapd does not answer")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def add(self, *entries):
        self.change("".join(entry.replace("\n", "\nchangetype: add\n", 1) for entry in entries))

    def change(self, ldif):
        """Applies changes in the form of ldapmodify."""
        environment = {**os.environ, "LDAPTLS_CACERT": self.authority}
        command = ["ldapmodify", "-ZZ", "-H", f"ldap://127.0.0.1:{self.plain}", "-D", ADMIN, "-w", "admin"]
        done = subprocess.run(command, input=ldif, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr


def entry(dn, *lines):
    return "\n".join([f"dn: {dn},{BASE}" if dn else f"dn: {BASE}", *lines, "", ""])


def person(uid, name, *lines, password=None):
    given, surname = name.split(" ", 1)
    return entry(
        f"uid={uid},ou=people", "objectClass: inetOrgPerson", "objectClass: inetLocalMailRecipient", f"uid: {uid}",
        f"cn: {name}", f"displayName: {name}", f"givenName: {given}", f"sn: {surname}", f"mail: {uid}@example.com",
        f"userPassword: {password or uid + ' secret'}", *lines,
    )  # fmt: skip


def group(name, *members):
    names = [f"member: uid={member},ou=people,{BASE}" for member in members]
    return entry(f"cn={name},ou=groups", "objectClass: groupOfNames", f"cn: {name}", *names)


def tree(*entries):
    """The entries of a company, below its base, with the account that reads them."""
    units = [entry(f"ou={unit}", "objectClass: organizationalUnit", f"ou: {unit}") for unit in ("people", "groups", "rooms")]
    return "".join([
        entry("", "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example"),
        entry("cn=reader", "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: reader", "userPassword: reader secret"),
        *units, *entries,
    ])  # fmt: skip
