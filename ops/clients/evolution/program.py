"""Evolution's calendar library (libecal over evolution-data-server) as one person's program."""

import time

import gi

gi.require_version("EDataServer", "1.2")
gi.require_version("ECal", "2.0")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib  # noqa: E402

FLAGS = ECal.OperationFlags.NONE
WHOLE_SERIES, ONE_INSTANCE = ECal.ObjModType.ALL, ECal.ObjModType.THIS


class Evolution:
    """Sources and clients of one user; passwords are the user's name."""

    def __init__(self, user, host, port):
        self.user, self.host, self.port = user, host, port
        self.registry = EDataServer.SourceRegistry.new_sync(None)

    def credentials(self):
        credentials = EDataServer.NamedParameters()
        credentials.set("username", self.user)
        credentials.set("password", self.user)
        return credentials

    def describe(self, source, path=None):
        """Tells a source which server it is at, and as whom."""
        authentication = source.get_extension("Authentication")
        authentication.set_host(self.host)
        authentication.set_port(self.port)
        authentication.set_user(self.user)
        authentication.set_method("plain/password")
        source.get_extension("Security").set_method("none")
        webdav = source.get_extension("WebDAV Backend")
        if path:
            webdav.set_resource_path(path)
        return webdav

    def discover(self, url):
        """The (path, display name) of every calendar found from the root URL."""
        source = EDataServer.Source.new(None, None)
        self.describe(source)
        wanted = EDataServer.WebDAVDiscoverSupports.EVENTS | EDataServer.WebDAVDiscoverSupports.TASKS
        found = EDataServer.webdav_discover_sources_sync(source, url, wanted, self.credentials(), None)
        sources = next(part for part in found if isinstance(part, list) and part and hasattr(part[0], "href"))
        return [(calendar.href, calendar.display_name) for calendar in sources]

    def open(self, path, extension, kind):
        """A client for one calendar, as Evolution makes it for an account entered by hand."""
        source = EDataServer.Source.new_with_uid(f"daybook-{self.user}-{path.strip('/').replace('/', '-')}", None)
        source.set_display_name(path)
        source.set_parent("caldav-stub")
        source.get_extension(extension).set_backend_name("caldav")
        webdav = self.describe(source, path)
        webdav.set_email_address(f"{self.user}@example.com")
        webdav.set_calendar_auto_schedule(True)
        source.get_extension("Offline").set_stay_synchronized(True)
        self.registry.commit_source_sync(source, None)
        source = wait_for(lambda: self.registry.ref_source(source.get_uid()))
        source.store_password_sync(self.user, False, None)
        client = ECal.Client.connect_sync(source, kind, 15, None)
        wait_for(lambda: self.is_connected(source))
        return Calendar(self.user, client)

    def is_connected(self, source):
        status = source.get_connection_status()
        if status == EDataServer.SourceConnectionStatus.AWAITING_CREDENTIALS:
            source.invoke_authenticate_sync(self.credentials(), None)
        return status == EDataServer.SourceConnectionStatus.CONNECTED

    def events(self):
        return self.open(f"/calendars/{self.user}/calendar/", "Calendar", ECal.ClientSourceType.EVENTS)

    def tasks(self):
        return self.open(f"/calendars/{self.user}/tasks/", "Task List", ECal.ClientSourceType.TASKS)


class Calendar:
    """One opened calendar."""

    def __init__(self, user, client):
        self.user, self.client = user, client

    def create(self, text):
        self.client.create_object_sync(ICalGLib.Component.new_from_string(text), FLAGS, None)

    def get(self, uid, recurrence_id=None):
        """The component, or None where there is none."""
        try:
            return self.client.get_object_sync(uid, recurrence_id, None)[-1]
        except GLib.Error:
            return None

    def text(self, uid, recurrence_id=None):
        found = self.get(uid, recurrence_id)
        return found.as_ical_string().replace("\r\n ", "") if found else ""

    def change(self, uid, change):
        component = self.get(uid)
        change(component)
        self.client.modify_object_sync(component, WHOLE_SERIES, FLAGS, None)

    def change_instance(self, component, change):
        """Changes one instance that `instances` gave."""
        change(component)
        self.client.modify_object_sync(component, ONE_INSTANCE, FLAGS, None)

    def instances(self, uid, start, end):
        """The instances of a series between two times (seconds since the epoch), as Evolution generates them."""
        found = []

        def keep(component, *_):
            found.append(component.clone())
            return True

        self.client.generate_instances_for_object_sync(self.get(uid), start, end, None, keep)
        for component in found:
            rule = component.get_first_property(ICalGLib.PropertyKind.RRULE_PROPERTY)
            if rule:
                component.remove_property(rule)
        return found

    def remove(self, uid, recurrence_id=None):
        mode = ONE_INSTANCE if recurrence_id else WHOLE_SERIES
        self.client.remove_object_sync(uid, recurrence_id, mode, FLAGS, None)

    def answer(self, status):
        """A change that sets the user's participation."""
        wanted = getattr(ICalGLib.ParameterPartstat, status)

        def change(component):
            line = component.get_first_property(ICalGLib.PropertyKind.ATTENDEE_PROPERTY)
            while line:
                if f"{self.user}@" in line.get_attendee().lower():
                    line.remove_parameter_by_kind(ICalGLib.ParameterKind.PARTSTAT_PARAMETER)
                    line.add_parameter(ICalGLib.Parameter.new_partstat(wanted))
                line = component.get_next_property(ICalGLib.PropertyKind.ATTENDEE_PROPERTY)

        return change

    def refresh_until(self, is_right):
        """Synchronises until what the server told has arrived; False after a while without it."""
        self.client.refresh_sync(None)
        return bool(wait_for(is_right, must=False))

    def busy(self, start, end, address):
        """The FREEBUSY periods of a person, one string each."""
        found = self.client.get_free_busy_sync(start, end, [address], None)[-1]
        text = "".join(component.get_as_string() for component in found).replace("\r\n ", "")
        return [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("FREEBUSY")]


def wait_for(look, must=True, patience_s=15):
    """What `look` gives once it gives something; an error, or the last of it, after `patience_s` seconds."""
    end = time.monotonic() + patience_s
    while not (seen := look()) and time.monotonic() < end:
        # What the bus told is taken in by GLib's main loop only.
        while GLib.MainContext.default().iteration(False):
            pass
        time.sleep(0.1)
    if must and not seen:
        raise TimeoutError("evolution-data-server does not get there")
    return seen
