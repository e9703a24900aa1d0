"""A browser for a trial, without pages: cookies, forms, and redirections that it is told to follow."""

import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Web:
    def __init__(self, authority):
        context = ssl.create_default_context(cafile=authority)
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            Stay, urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def ask(self, url, form=None, body=None):
        """Returns the status, the address of a redirection, and the body."""
        data = urllib.parse.urlencode(form).encode() if form is not None else body
        try:
            response = self.opener.open(urllib.request.Request(url, data=data, headers={"Accept": "text/html"}), timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        location = response.headers.get("location")
        location = urllib.parse.urljoin(url, location) if location else ""
        return response.status, location, response.read().decode()

    def log_in(self, address, name, back):
        """Logs in at the provider, and returns the address to which it sends the browser, which begins with `back`."""
        _, location, _ = self.ask(address)
        for _ in range(10):
            if location.startswith(back):
                return location
            is_form = "/login/" in location
            status, location, body = self.ask(location, {"name": name} if is_form else None)
            assert location, (status, body)
        raise AssertionError(f"the provider does not send the browser back, but to {location}")


def query(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def changed(url, **fields):
    """The address with other fields; None takes one away."""
    parts = urllib.parse.urlsplit(url)
    fields = {name: value for name, value in {**query(url), **fields}.items() if value is not None}
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(fields)))
