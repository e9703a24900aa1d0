//! How to look at the demo with a calendar program.

/// Instructions for the usual programs.
pub(crate) fn instructions(url: &str) -> String {
    format!(
        "Connect a calendar program. People: alice, bob, carol, and the room lake; the password is the name.
  Thunderbird     New Calendar › On the Network › user name alice, location {url}/ › Find Calendars
  Apple Calendar  Add Account › Other CalDAV Account › Advanced: user name alice, server {host}, path /,
                  port {port}, without SSL
  DAVx⁵           Login with URL and user name: {url}/ with alice (a phone needs an address of this machine:
                  start with --listen 0.0.0.0:8080)
  by hand         curl -u alice:alice {url}/calendars/alice/calendar/\n",
        host = url.trim_start_matches("http://").rsplit_once(':').map_or("localhost", |(host, _)| host),
        port = url.rsplit_once(':').map_or("80", |(_, port)| port),
    )
}
