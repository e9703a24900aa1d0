"""An Active Directory of its own for a trial: the domain controller of Samba. Needs root, samba-ad-dc and ldap-utils.

Its ports are those of LDAP, on an address of this machine that nothing else uses.
"""

import base64
import os
import re
import shutil
import subprocess
import time

from machine import certify, tool

HOST = "127.0.0.3"
REALM = "ad.example.com"
BASE = "DC=ad,DC=example,DC=com"
STAFF, GROUPS, ROOMS = (f"OU={unit},{BASE}" for unit in ("Staff", "Groups", "Rooms"))
ADMIN_PASSWORD = "Admin-Secret1"
PATIENCE_SECONDS = 60

# Values of userAccountControl: an account, with these bits.
ENABLED, DISABLED, WITHOUT_PASSWORD = 0x200, 0x202, 0x220


class Samba:
    """A domain in the folder `run`, filled by `change` and `add`."""

    def __init__(self, run):
        self.run, self.process = run, None
        self.conf = self.provision(os.path.join(run, "domain"))
        self.self_made = os.path.join(run, "domain", "private", "tls", "ca.pem")
        self.authority, certificate, key = certify(run, f"DNS:dc1.{REALM},DNS:localhost,IP:{HOST}")
        os.chmod(key, 0o600)
        self.options = {"tls cafile": self.authority, "tls certfile": certificate, "tls keyfile": key}

    @staticmethod
    def provision(folder):
        tool("samba-tool", "domain", "provision", f"--targetdir={folder}", f"--realm={REALM.upper()}", "--domain=EXAMPLE",
             "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", f"--host-ip={HOST}", f"--adminpass={ADMIN_PASSWORD}",
             f"--option=interfaces={HOST}/8", "--option=bind interfaces only=yes")  # fmt: skip
        conf = os.path.join(folder, "etc", "smb.conf")
        # A trial changes passwords more often than people do.
        tool("samba-tool", "domain", "passwordsettings", "set", "--complexity=off", "--min-pwd-age=0", "--history-length=0",
             f"--configfile={conf}")  # fmt: skip
        with open(conf, encoding="utf-8") as file:
            text = re.sub(r"server services = .*", "server services = ldap", file.read())
            text = re.sub(r"log file = .*", f"log file = {folder}/log", text)
        with open(conf, "w", encoding="utf-8") as file:
            file.write(text)
        return conf

    def start(self, self_made=False):
        """Starts to serve, with the certificate of the trial's authority or with one that Samba makes itself."""
        given = [] if self_made else [f"--option={name}={value}" for name, value in self.options.items()]
        with open(os.path.join(self.run, "samba.log"), "a", encoding="utf-8") as log:
            command = ["samba", "-F", "--no-process-group", "-M", "single", "-s", self.conf, *given]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.ldap("ldapsearch", "-b", BASE, "-s", "base", "dn").returncode == 0:
                return
            assert self.process.poll() is None, "samba ended"
            time.sleep(0.1)
        raise AssertionError("samba does not answer")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def ldap(self, program, *arguments, given=""):
        environment = {**os.environ, "LDAPTLS_CACERT": self.authority, "LDAPTLS_REQCERT": "never"}
        command = [program, "-x", "-H", f"ldaps://{HOST}", "-D", f"administrator@{REALM}", "-w", ADMIN_PASSWORD, *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=False)

    def change(self, ldif):
        """Applies changes in the form of ldapmodify."""
        done = self.ldap("ldapmodify", given=ldif)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr

    def add(self, *entries):
        self.change("".join(entry.replace("\n", "\nchangetype: add\n", 1) for entry in entries))

    def replace(self, dn, attribute, *values):
        lines = "".join(f"{line(attribute, value)}\n" for value in values)
        self.change(f"{line('dn', dn)}\nchangetype: modify\nreplace: {attribute}\n{lines}\n")

    def find(self, dn, attribute):
        """The first value of an attribute."""
        found = self.ldap("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", attribute).stdout
        return re.search(rf"^{attribute}: (.*)$", found, re.MULTILINE).group(1)


def missing():
    """What this machine lacks for a domain controller; empty if nothing."""
    if os.geteuid() != 0:
        return "that needs root"
    lacking = [name for name in ("samba", "samba-tool", "ldapmodify") if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    return f"{', '.join(lacking)} cannot be had here" if lacking else ""


def line(attribute, value):
    """A line of LDIF: of text, or of bytes."""
    data = value if isinstance(value, bytes) else str(value).encode()
    if data.isascii() and data.decode().isprintable() and not data.startswith((b" ", b":", b"<")):
        return f"{attribute}: {data.decode()}"
    return f"{attribute}:: {base64.b64encode(data).decode()}"


def entry(dn, kind, *pairs):
    return "\n".join([line("dn", dn), f"objectClass: {kind}", *(line(name, value) for name, value in pairs), "", ""])


def unicode_password(password):
    """The value of unicodePwd (MS-ADTS §3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")


def person(login, name, *pairs, dn=None, password=None, state=ENABLED):
    given, surname = name.split(" ", 1)
    named = [("givenName", given), ("sn", surname), ("displayName", name), ("mail", f"{login}@example.com")]
    logins = [("sAMAccountName", login), ("userPrincipalName", f"{login}@{REALM}"), ("userAccountControl", state)]
    secret = [("unicodePwd", unicode_password(password or login + " secret"))]
    return entry(dn or f"CN={name},{STAFF}", "user", *named, *logins, *secret, *pairs)


def many(login):
    """A person who cannot log in, which is made quickly."""
    return entry(f"CN={login},OU=Many,{STAFF}", "user", ("sAMAccountName", login), ("userAccountControl", WITHOUT_PASSWORD))


def group(name, *members):
    return entry(f"CN={name},{GROUPS}", "group", ("sAMAccountName", name), *(("member", member) for member in members))


def unit(name, above=BASE):
    return entry(f"OU={name},{above}", "organizationalUnit")
