"""What both receivers share: a server on 127.0.0.1, a journal of what arrived, and faults that a test can switch on.

    POST /_control {"mode": "down"}                 from now on
    POST /_control {"mode": "503", "times": 3, "retry-after": 2}
    GET  /_stats, GET /_journal                     what has arrived

Modes: `up` · `down` (the connection ends without an answer and nothing is stored) · a status such as `500` (answered,
nothing stored) · `lose-answer` (stored, then the connection ends) · `slow` (waits `seconds` first, 30 unless said) ·
`stall` (sends a head that promises ten octets, then nothing for `seconds`).
`times` is how many requests the mode lasts, then `up`; `note` writes a slow request down when it begins. With `--tls`, a
handshake that the other side breaks off is written down as `handshake`.
"""

import argparse
import http.server
import json
import os
import signal
import ssl
import sys
import threading
import time
import urllib.parse


class Journal:
    """One JSON object a request, in the order of arrival; kept in memory, and in a file where one is named."""

    def __init__(self, path):
        self.lines = []
        self.file = open(path, "a", encoding="utf-8") if path else None

    def write(self, entry):
        self.lines.append({"n": len(self.lines) + 1, "at": time.time(), **entry})
        if self.file:
            self.file.write(json.dumps(self.lines[-1], ensure_ascii=False) + "\n")
            self.file.flush()


class Faults:
    """The mode of the next request."""

    def __init__(self):
        self.lock = threading.Lock()
        self.order = {"mode": "up"}

    def set(self, order):
        mode = str(order.get("mode", ""))
        if mode not in ("up", "down", "lose-answer", "slow", "stall") and not (mode.isdigit() and 300 <= int(mode) <= 599):
            raise ValueError(f"unknown mode {mode!r}: up, down, lose-answer, slow, stall, or a status from 300 to 599")
        with self.lock:
            self.order = {**order, "mode": mode}

    def next(self):
        with self.lock:
            order = dict(self.order)
            if "times" in self.order:
                self.order["times"] -= 1
                if self.order["times"] <= 0:
                    self.order = {"mode": "up"}
            return order


class Receiver(http.server.BaseHTTPRequestHandler):
    """A subclass says what a POST means: `receive(path, headers, body)` -> (status, content type, bytes, journal entry)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faults = Faults()
    journal = None
    processing = threading.Lock()  # requests are taken one after the other, so the journal's order is the store's

    def log_message(self, *_):
        pass

    def answer(self, status, content_type="application/json", body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, status, value):
        self.answer(status, body=json.dumps(value).encode())

    def hang_up(self):
        self.close_connection = True

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/_journal":
            return self.answer_json(200, self.journal.lines)
        if url.path == "/_stats":
            return self.answer_json(200, self.stats())
        self.look_up(url)

    def look_up(self, url):
        self.answer_json(404, {})

    def change(self, order):
        raise ValueError("nothing can be changed here")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/_control":
            try:
                self.faults.set(json.loads(body))
                return self.answer(204)
            except ValueError as error:
                return self.answer_json(400, {"error": str(error)})
        if self.path == "/_change":
            try:
                with self.processing:
                    self.change(json.loads(body))
                return self.answer(204)
            except (KeyError, ValueError) as error:
                return self.answer_json(400, {"error": str(error)})
        fault = self.faults.next()
        mode = fault["mode"]
        if mode == "slow":
            if "note" in fault:
                self.journal.write({"path": self.path, "mode": mode, "timestamp": self.headers["webhook-timestamp"]})
            time.sleep(fault.get("seconds", 30))
        if mode == "stall":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.journal.write({"path": self.path, "mode": mode, "bytes": len(body)})
            time.sleep(fault.get("seconds", 30))
            return self.hang_up()
        if mode == "down" or mode.isdigit():
            entry = {"path": self.path, "mode": mode, "bytes": len(body)}
            if "webhook-timestamp" in self.headers:
                entry["timestamp"], entry["id"] = self.headers["webhook-timestamp"], self.headers["webhook-id"]
            self.journal.write(entry)
            if mode == "down":
                return self.hang_up()
            headers = [("Retry-After", str(fault["retry-after"]))] if "retry-after" in fault else []
            if mode.startswith("3"):
                headers.append(("Location", "http://127.0.0.1:9/"))
            return self.answer(int(mode), headers=headers)
        with self.processing:
            status, content_type, answer, entry = self.receive(self.path, self.headers, body)
            self.journal.write({"path": self.path, "mode": mode, "status": status, **entry})
        if mode == "lose-answer":
            return self.hang_up()
        self.answer(status, content_type, answer)


class Server(http.server.ThreadingHTTPServer):
    """With TLS where a context is set."""

    context = None

    def finish_request(self, request, client_address):
        # In the request's own thread: a handshake that never ends holds up nobody else.
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
                return super().finish_request(request, client_address)
            except ssl.SSLError as error:
                # With TLS 1.3 the other side judges the certificate after the handshake has ended here.
                return self.RequestHandlerClass.journal.write({"mode": "handshake", "error": str(error.reason)})
        super().finish_request(request, client_address)


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one; it is printed")
    parser.add_argument("--journal", metavar="FILE", help="append what arrives, one JSON object a line")
    parser.add_argument("--until-stdin-ends", action="store_true", help="end with whoever holds the other end of stdin")
    parser.add_argument("--tls", metavar="PEM", help="speak TLS with the certificate and the key in this file")
    parser.add_argument("--client-ca", metavar="PEM", help="with --tls: ask for a certificate that this authority signed")
    parser.add_argument("--no-validate", action="store_true", help="protocol only: needs nothing but Python itself")
    return parser


def serve(handler, chosen):
    # Started from a worker thread of another program, all signals may be blocked: then nothing but SIGKILL would end it.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if chosen.until_stdin_ends:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    handler.journal = Journal(chosen.journal)
    server = Server(("127.0.0.1", chosen.port), handler)
    server.daemon_threads = True
    if chosen.tls:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(chosen.tls)
        if chosen.client_ca:
            server.context.verify_mode = ssl.CERT_REQUIRED
            server.context.load_verify_locations(chosen.client_ca)
    print(f"listening on http{'s' if chosen.tls else ''}://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
