#!/usr/bin/env python3
"""An ntfy server, as far as a gateway and a telephone need one. Python itself is enough.

    POST or PUT /TOPIC        the body is the message          docs.ntfy.sh/publish
    POST /                    {"topic", "message", "actions"}  the same, "Publish as JSON", "Action buttons"
    GET  /TOPIC/json?since=   a stream, one event a line       docs.ntfy.sh/subscribe/api
    GET  /TOPIC/json?poll=1   what is kept, then the end
    POST /_drop               all streams end (as a proxy between does); /_journal, /_stats as of receiver.py
    POST /_press/ID           does what a telephone does when the first `http` action of message ID is pressed

With `--token`, reading and writing by a topic's address ask for `Authorization: Bearer`, of all topics or of the one that
`--protect` names; a message's action brings its own headers. Messages are kept while it runs. The journal has `subscribed`, `published`, `pressed`, and who was turned away.
"""

import http.client
import json
import secrets
import string
import threading
import time
import urllib.parse

import receiver
import services_receiver

LETTERS = string.ascii_letters + string.digits


class Topics:
    """What was written, and who waits for more."""

    def __init__(self):
        self.news = threading.Condition()
        self.messages = []
        self.drops = 0

    def publish(self, topic, message, **more):
        with self.news:
            event = {"id": "".join(secrets.choice(LETTERS) for _ in range(12)), "time": int(time.time()),
                     "event": "message", "topic": topic, "message": message, **more}
            self.messages.append(event)
            self.news.notify_all()
            return event

    def since(self, topic, since):
        """Where in the list a reader begins. The documentation names durations, Unix times and `all`."""
        if since in (None, "", "none"):
            return len(self.messages)
        if since == "all":
            return 0
        if since.isdigit():
            after = int(since)
        elif since[:-1].isdigit() and since[-1] in "smh":
            after = time.time() - int(since[:-1]) * {"s": 1, "m": 60, "h": 3600}[since[-1]]
        else:
            raise ValueError(since)
        return next((place for place, event in enumerate(self.messages) if event["time"] >= after), len(self.messages))


class NtfyReceiver(receiver.Receiver):
    topics = Topics()
    token = protected = None
    keepalive = 45.0

    def stats(self):
        return {"messages": len(self.topics.messages)}

    def allowed(self):
        topic = urllib.parse.urlsplit(self.path).path.strip("/").split("/")[0]
        if self.protected is not None and topic != self.protected:
            return True
        if self.token is None or self.headers.get("Authorization") == f"Bearer {self.token}":
            return True
        self.journal.write({"path": self.path, "refused": "token"})
        self.answer_json(401, {"code": 40101, "http": 401, "error": "unauthorized"})
        return False

    def do_PUT(self):
        self.do_POST()

    def do_POST(self):
        if self.path == "/_drop":
            with self.topics.news:
                self.topics.drops += 1
                self.topics.news.notify_all()
            return self.answer(204)
        if self.path.startswith("/_press/"):
            return self.press(self.path.rsplit("/", 1)[1])
        if self.path != "/_control" and not self.allowed():
            self.close_connection = True
            return
        super().do_POST()

    def receive(self, path, headers, body):
        topic, more = path.strip("/"), {}
        message = body.decode()
        if not topic:
            try:
                sent = json.loads(message)
            except ValueError:
                return 400, "application/json", b"{}", {"refused": "no JSON"}
            wrong = services_receiver.ntfy(sent) if isinstance(sent, dict) else "no object"
            if wrong:
                return 400, "application/json", b"{}", {"refused": wrong}
            topic, message = sent.pop("topic"), sent.pop("message", "triggered")
            more = sent
        if len(topic) > 64 or not all(letter in LETTERS + "-_" for letter in topic):
            return 404, "application/json", b"{}", {"refused": "topic"}
        if len(message.encode()) > 4096:
            # ntfy would make an attachment of it.
            return 413, "application/json", b"{}", {"refused": "length"}
        event = self.topics.publish(topic, message, **more)
        return 200, "application/json", json.dumps(event).encode(), {"published": topic, "event": event}

    def look_up(self, url):
        parts = url.path.strip("/").split("/")
        if len(parts) != 2 or parts[1] != "json":
            return self.answer_json(404, {})
        if not self.allowed():
            return None
        asked = dict(urllib.parse.parse_qsl(url.query))
        try:
            place = self.topics.since(parts[0], asked.get("since", "all" if "poll" in asked else None))
        except ValueError:
            return self.answer_json(400, {"code": 40008, "http": 400, "error": "invalid since parameter"})
        self.journal.write({"subscribed": parts[0], "since": asked.get("since"),
                            "agent": self.headers.get("User-Agent")})
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self.stream(parts[0], place, "poll" in asked)
        except OSError:
            self.journal.write({"left": parts[0]})

    def stream(self, topic, place, is_poll):
        def line(event):
            self.wfile.write(json.dumps(event).encode() + b"\n")
            self.wfile.flush()

        def plain(word):
            return {"id": "".join(secrets.choice(LETTERS) for _ in range(12)), "time": int(time.time()), "event": word,
                    "topic": topic}

        if not is_poll:
            line(plain("open"))
        with self.topics.news:
            drops = self.topics.drops
        while True:
            with self.topics.news:
                if not is_poll and place == len(self.topics.messages) and drops == self.topics.drops:
                    is_news = self.topics.news.wait(self.keepalive)
                else:
                    is_news = True
                if drops != self.topics.drops:
                    return
                new, place = self.topics.messages[place:], len(self.topics.messages)
            for event in new:
                if event["topic"] == topic:
                    line(event)
            if is_poll:
                return
            if not is_news:
                line(plain("keepalive"))

    def press(self, name):
        """docs.ntfy.sh/publish, "Send HTTP request": method POST unless it says so, its headers, its body."""
        event = next((event for event in self.topics.messages if event["id"] == name), None)
        action = next((a for a in (event or {}).get("actions", []) if a["action"] == "http"), None)
        if action is None:
            return self.answer_json(404, {"error": "no such button"})
        url = urllib.parse.urlsplit(action["url"])
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.netloc, timeout=60)
        connection.request(action.get("method", "POST"), url.path, body=action.get("body", "").encode(),
                           headers=action.get("headers", {}))
        status = connection.getresponse().status
        connection.close()
        self.journal.write({"pressed": name, "answered": status})
        return self.answer_json(200, {"answered": status})


def main():
    parser = receiver.arguments(__doc__)
    parser.add_argument("--token", help="ask for it")
    parser.add_argument("--protect", metavar="TOPIC", help="ask for it for this topic only")
    parser.add_argument("--keepalive", type=float, default=45.0, help="seconds of silence before a keepalive event")
    chosen = parser.parse_args()
    NtfyReceiver.token, NtfyReceiver.keepalive = chosen.token, chosen.keepalive
    NtfyReceiver.protected = chosen.protect
    receiver.serve(NtfyReceiver, chosen)


if __name__ == "__main__":
    main()
