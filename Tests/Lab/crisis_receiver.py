#!/usr/bin/env python3
"""Takes webhooks for `bench.py` and stamps when the first octets of each request are here.

    crisis_receiver.py SECRET [--close]

Prints its port, then a JSON line a request: `at` (seconds of CLOCK_BOOTTIME), `connection` (the how-manyth), `id`, and
whether the signature is right (Standard Webhooks: HMAC-SHA256 over id.timestamp.body). With `--close` each connection
serves one request. Ends with its standard input.
"""
import base64
import hashlib
import hmac
import json
import os
import socket
import sys
import threading
import time

SAYING = threading.Lock()  # one line at a time


def is_signed(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return right in headers.get("webhook-signature", "").split()


def serve(link, number, secret, closes):
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        octets = link.recv(65536)
        at = time.clock_gettime(time.CLOCK_BOOTTIME)
        if not octets:
            return link.close()
        while b"\r\n\r\n" not in octets:
            octets += link.recv(65536)
        head, body = octets.split(b"\r\n\r\n", 1)
        headers = {name.strip().lower(): value.strip()
                   for name, value in (line.split(":", 1) for line in head.decode().split("\r\n")[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += link.recv(65536)
        link.sendall(b"HTTP/1.1 204 No Content\r\n" + (b"Connection: close\r\n" if closes else b"") + b"\r\n")
        entry = {"at": at, "connection": number, "id": headers.get("webhook-id"),
                 "verified": is_signed(secret, headers, body)}
        with SAYING:
            print(json.dumps(entry), flush=True)
        if closes:
            return link.close()


def main():
    secret, closes = sys.argv[1], "--close" in sys.argv
    threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(server.getsockname()[1], flush=True)
    number = 0
    while True:
        link, _ = server.accept()
        number += 1
        threading.Thread(target=serve, args=(link, number, secret, closes), daemon=True).start()


if __name__ == "__main__":
    main()
