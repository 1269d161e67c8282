#!/usr/bin/env python3
"""A monitor of signs of life: it counts beats, and notices by itself when they stay away.

    heartbeat_receiver.py --grace 4          missing for 4 s is an alarm

It takes what the services take that it stands for: GET and POST to a path (healthchecks.io, `/fail` behind it is trouble), and
`/api/push/TOKEN?status=…&msg=…` (Uptime Kuma). A path with `unknown` in it is answered as they answer an address they do not
know. The journal says of each beat `beat` (`up`, `fail`), the method and what it said; and, by the monitor's own clock, `alarm`:
`missing` when none came for so long after the last, `back` when one comes again. Faults as of receiver.py.
"""

import threading
import time
import urllib.parse

import receiver


class Monitor:
    """When a beat was heard last, and whether that is too long ago."""

    def __init__(self, grace):
        self.grace, self.last, self.is_alarmed, self.lock = grace, None, False, threading.Lock()

    def heard(self):
        """Whether it had been missing."""
        with self.lock:
            was, self.last, self.is_alarmed = self.is_alarmed, time.monotonic(), False
            return was

    def watch(self, journal):
        while True:
            time.sleep(min(0.2, self.grace / 10))
            with self.lock:
                if self.last is None or self.is_alarmed or time.monotonic() - self.last <= self.grace:
                    continue
                self.is_alarmed = True
            journal.write({"alarm": "missing", "mode": "watch"})


class HeartbeatReceiver(receiver.Receiver):
    monitor = None

    def stats(self):
        return {"requests": len(self.journal.lines)}

    def look_up(self, url):
        """A GET counts like a POST, and has the same faults."""
        fault = self.faults.next()
        mode = fault["mode"]
        if mode == "down" or mode.isdigit():
            self.journal.write({"path": self.path, "mode": mode})
            return self.hang_up() if mode == "down" else self.answer(int(mode))
        with self.processing:
            status, content_type, answer, entry = self.receive(self.path, self.headers, b"")
            self.journal.write({"path": self.path, "mode": mode, "status": status, **entry, "method": "GET"})
        self.answer(status, content_type, answer)

    def receive(self, path, headers, body):
        url = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(url.query))
        kuma = url.path.startswith("/api/push/")
        if "unknown" in url.path:
            if kuma:
                return 404, "application/json", b'{"ok":false,"msg":"Monitor not found or not active."}', {}
            return 200, "text/plain", b"OK (not found)", {}
        if self.monitor.heard():
            self.journal.write({"alarm": "back", "mode": "watch"})
        failed = query.get("status", "up") != "up" if kuma else url.path.endswith("/fail")
        entry = {"beat": "fail" if failed else "up", "method": "POST", "said": query.get("msg") or body.decode()}
        return 200, "text/plain", b'{"ok":true}' if kuma else b"OK", entry


if __name__ == "__main__":
    parser = receiver.arguments(__doc__)
    parser.add_argument("--grace", type=float, default=60, help="seconds without a beat that are an alarm")
    chosen = parser.parse_args()
    HeartbeatReceiver.monitor = Monitor(chosen.grace)

    def watch():
        while HeartbeatReceiver.journal is None:
            time.sleep(0.05)
        HeartbeatReceiver.monitor.watch(HeartbeatReceiver.journal)

    threading.Thread(target=watch, daemon=True).start()
    receiver.serve(HeartbeatReceiver, chosen)
