#!/usr/bin/env python3
"""What opens links that are sent to people: mail scanners, previews, and a real browser (Debian's chromium-headless-shell).

    scanner.py request METHOD URL [--body B] [--header N:V]   one request of a program; prints status, headers, body
    scanner.py control                    pages of its own whose scripts POST, to see that scripts run: what came of it
    scanner.py look URL                   a browser opens the link and stays: its title and words
    scanner.py frame URL                  a page elsewhere with the link in a frame, whose script fetches it by POST
    scanner.py post URL                   a page elsewhere whose script sends a form to it, with the button's field
    scanner.py submit|request-submit|click URL   a script within the link's own page sends its form
    scanner.py press URL                  a person's press: the pointer's button goes down and up on the page's button

Each prints one JSON object. The browser is spoken to by the DevTools protocol over a pipe.
"""

import argparse
import http.client
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

BROWSER = "chromium-headless-shell"
# How long a browser stays on a page for its scripts to do what they will.
STAY = 3.0


class Browser:
    def __init__(self):
        program = shutil.which(BROWSER)
        if program is None:
            sys.exit(f"there is no {BROWSER}; Tests/Lab/setup installs it")
        self.folder = tempfile.TemporaryDirectory(prefix="browser-")
        # The browser reads from descriptor 3 and writes to 4.
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "-", program, "--remote-debugging-pipe",
             # It runs as root in containers, where its own sandbox can't be made.
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", f"--user-data-dir={self.folder.name}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.out = os.fdopen(ours_out, "wb", buffering=0)
        self.lines = os.fdopen(ours_in, "rb")
        self.count, self.session, self.events = 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def read(self):
        text = bytearray()
        while True:
            octet = self.lines.read(1)
            if not octet:
                raise EOFError("the browser has ended")
            if octet == b"\0":
                return json.loads(text)
            text += octet

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer.get("method"))

    def loaded(self):
        while "Page.loadEventFired" not in self.events:
            self.events.append(self.read().get("method"))

    def open(self, url):
        self.events.clear()
        failed = self.call("Page.navigate", url=url).get("errorText")
        if failed:
            raise RuntimeError(f"{url}: {failed}")
        self.loaded()

    def evaluate(self, script):
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def page(self):
        return {"title": self.evaluate("document.title"), "text": self.evaluate("document.body.innerText")}

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class Site(http.server.BaseHTTPRequestHandler):
    """A page elsewhere. Its scripts tell it what they did."""

    html = ""
    posts = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.posts.append({"path": self.path, "body": body, "mode": self.headers.get("Sec-Fetch-Mode"),
                           "site": self.headers.get("Sec-Fetch-Site"), "user": self.headers.get("Sec-Fetch-User")})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


SCRIPTS = {
    "control": """<form id=f method=post action=/form><input name=know value=yes></form>
      <script>fetch('/fetch', {method: 'POST', body: new URLSearchParams({know: 'yes'})})
        .then(() => document.getElementById('f').submit())</script>""",
    "frame": """<iframe src="LINK" width=600 height=600></iframe>
      <script>fetch('LINK', {method: 'POST', mode: 'no-cors', body: new URLSearchParams({know: 'yes'})})
        .then(() => fetch('/done', {method: 'POST'}))</script>""",
    "post": """<form id=f method=post action="LINK"><input name=know value=yes></form>
      <script>fetch('/done', {method: 'POST'}).then(() => document.getElementById('f').submit())</script>""",
}
WITHIN = {
    "submit": "document.forms[0].submit()",
    "request-submit": "document.forms[0].requestSubmit(document.querySelector('button'))",
    "click": "document.querySelector('button').click()",
}


def browse(what, url):
    site = None
    if what in SCRIPTS:
        Site.html = "<!DOCTYPE html><title>elsewhere</title>" + SCRIPTS[what].replace("LINK", url or "")
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        site.daemon_threads = True
        threading.Thread(target=site.serve_forever, daemon=True).start()
    browser = Browser()
    try:
        browser.open(f"http://127.0.0.1:{site.server_port}/" if site else url)
        if what in WITHIN:
            if browser.evaluate("document.forms.length") != 1:
                raise RuntimeError("the page has no form")
            browser.events.clear()
            browser.evaluate(WITHIN[what])
            browser.loaded()
        elif what == "press":
            box = browser.evaluate("(r => [r.x + r.width / 2, r.y + r.height / 2])("
                                   "document.querySelector('button').getBoundingClientRect())")
            browser.events.clear()
            for kind in ("mousePressed", "mouseReleased"):
                browser.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
            browser.loaded()
        else:
            time.sleep(STAY)
        return {**browser.page(), "posts": Site.posts}
    finally:
        browser.close()


def request(method, url, body, headers):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    fields = dict(line.split(":", 1) for line in headers)
    if body is not None:
        fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
    connection.request(method, parts.path, body=None if body is None else body.encode(), headers=fields)
    answer = connection.getresponse()
    return {"status": answer.status, "headers": {name.lower(): value for name, value in answer.getheaders()},
            "text": answer.read().decode()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["request", "look", "press", *SCRIPTS, *WITHIN])
    parser.add_argument("rest", nargs="*")
    parser.add_argument("--body")
    parser.add_argument("--header", action="append", default=[])
    chosen = parser.parse_args()
    if chosen.what == "request":
        result = request(*chosen.rest, chosen.body, chosen.header)
    else:
        result = browse(chosen.what, chosen.rest[0] if chosen.rest else None)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
