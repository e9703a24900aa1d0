"""Thunderbird as a person's program: a profile of their own, started without a screen, driven by Marionette."""

import os
import pathlib
import shutil
import signal
import subprocess

from marionette import Marionette

SESSION = (pathlib.Path(__file__).parent / "session.js").read_text()

# Nothing that asks the user or the network; an identity, so that invitations have an organizer.
SETTINGS = {
    "mail.accountmanager.accounts": "account1",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server1",
    "mail.account.account1.server": "server1",
    "mail.account.account1.identities": "id1",
    "mail.identity.id1.valid": True,
    "mail.server.server1.type": "none",
    "mail.server.server1.hostname": "Local Folders",
    "mail.server.server1.name": "Local Folders",
    "mail.server.server1.userName": "nobody",
    "mail.spotlight.firstRunDone": True,
    "mail.shell.checkDefaultClient": False,
    "mail.rights.version": 1,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.inappnotifications.enabled": False,
    "mailnews.start_page.enabled": False,
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "network.dns.native-is-localhost": True,
    "calendar.timezone.local": "Europe/Berlin",
    "calendar.timezone.useSystemTimezone": False,
    "signon.rememberSignons": True,
}


class Thunderbird:
    """One person's Thunderbird; `run` plays a script with the functions of session.js before it."""

    def __init__(self, folder, user, port):
        self.user = user
        profile = pathlib.Path(folder) / f"thunderbird-{user}"
        shutil.rmtree(profile, ignore_errors=True)
        profile.mkdir(parents=True)
        write_settings(profile / "user.js", user, port)
        self.log = open(profile.with_suffix(".log"), "wb")
        command = ["thunderbird", "--headless", "--profile", str(profile), "--no-remote", "--marionette",
                   "-remote-allow-system-access"]
        environment = {**os.environ, "HOME": str(profile)}
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True, env=environment
        )
        try:
            self.marionette = Marionette(port)
        except Exception:
            self.stop()
            raise

    def run(self, body, *arguments):
        return self.marionette.run(SESSION, body, list(arguments))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def write_settings(path, user, port):
    own = {
        "marionette.port": port,
        "mail.identity.id1.fullName": user.title(),
        "mail.identity.id1.useremail": f"{user}@example.com",
    }
    lines = [f"user_pref({literal(name)}, {literal(value)});\n" for name, value in {**SETTINGS, **own}.items()]
    path.write_text("".join(lines))


def literal(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f'"{value}"'
