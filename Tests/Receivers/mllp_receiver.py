#!/usr/bin/env python3
"""A receiver of HL7 v2 over MLLP, in clear or with TLS, that refuses what `hl7check.py` refuses and can be made to misbehave.

It prints where it listens, and where its faults are switched (see receiver.py: /_control, /_stats, /_journal).

Modes: `up` · `down` (nothing stored, the connection ends) · `lose-answer` (stored, the connection ends) · `half-answer`
(stored, it ends in the middle of the answer) · `silent` (nothing stored, no answer) · `slow` (answers after `seconds`) ·
`split` (the answer byte by byte) · `joined` (with a line's end, the last answer once more and a stranger's in the same
bytes) · `other` (only with another MSA-2) · `AE`, `AR`, `CE`, `CR` (refused; `code`, `location`, `text` and `severity` go
into ERR, with `old` into ERR-1 as before 2.5) · `CA` (kept safe, no more) · `CA+AA`, `CA+AE` (and then what became of it) ·
`garbage` (a block that is no HL7) · `web` (a page in place of a block) · `once` (answers, then ends the connection).

The journal says of each message its MSH-10, whether it was new, what was answered, what is wrong with it, and its text.
"""

import json
import os
import signal
import socket
import socketserver
import ssl
import sys
import threading
import time

import receiver

START, END = b"\x0b", b"\x1c\r"
REFUSALS = ("AE", "AR", "CE", "CR")
MODES = ("up", "down", "lose-answer", "half-answer", "silent", "slow", "split", "joined", "other", "CA", "CA+AA",
         "CA+AE", "garbage", "web", "once") + REFUSALS
SEEN = {}  # MSH-3 and MSH-10 -> how often


def remember(path):
    """What an earlier run of this receiver wrote down, it has: as a record that lies on a disk of its own."""
    if not os.path.exists(path):
        return
    with open(path, "r+", encoding="utf-8") as file:
        lines = file.read().split("\n")
        if lines.pop():
            file.write("\n")  # cut off in the middle of a line: never answered
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if "new" in entry:
            key = (field(entry["message"], "MSH", 3), entry["control"])
            SEEN[key] = SEEN.get(key, 0) + 1


class Faults(receiver.Faults):
    def set(self, order):
        if order.get("mode") not in MODES:
            raise ValueError(f"unknown mode {order.get('mode')!r}: {', '.join(MODES)}")
        with self.lock:
            self.order = dict(order)


class Control(receiver.Receiver):
    faults = Faults()

    def stats(self):
        return {"messages": len(SEEN), "received": sum(SEEN.values())}

    def receive(self, path, headers, body):
        return 404, "text/plain", b"", {"path": path}


def field(message, segment, number):
    for line in message.split("\r"):
        if line.startswith(segment + "|"):
            fields = line.split("|")
            number -= segment == "MSH"
            return fields[number] if number < len(fields) else ""
    return ""


def acknowledgement(message, code, order=None, control=None):
    """ACK^R01^ACK by the standard, written without any package."""
    header = "|".join([
        "MSH", "^~\\&", "PHR", "", field(message, "MSH", 3), "", time.strftime("%Y%m%d%H%M%S+0000", time.gmtime()), "",
        "ACK^R01^ACK", f"A{time.time_ns()}", field(message, "MSH", 11), "2.6", "", "", "", "", "", "UNICODE UTF-8",
    ])
    lines = [header, f"MSA|{code}|{control or field(message, 'MSH', 10)}"]
    if order and ("code" in order or "text" in order):
        where, what = order.get("location", ""), str(order.get("code", ""))
        if order.get("old"):
            where = "^".join((where.split("^") + ["", ""])[:3])
            lines.append(f"ERR|{where}^{what}&{order.get('text', '')}&HL70357")
        else:
            lines.append(f"ERR||{where}|{what}^^HL70357|{order.get('severity', 'E')}||||{order.get('text', '')}")
    return START + ("\r".join(lines) + "\r").encode() + END


class Connection(socketserver.BaseRequestHandler):
    check = staticmethod(lambda message: [])
    last = b""

    def handle(self):
        waiting = b""
        while True:
            try:
                data = self.request.recv(65536)
            except (ssl.SSLError, ConnectionError) as error:
                return Control.journal.write({"mode": "connection", "error": str(error)})
            if not data:
                return
            waiting += data
            while END in waiting:
                block, waiting = waiting.split(END, 1)
                if START not in block:
                    return Control.journal.write({"mode": "unframed", "bytes": len(block)})
                if not self.take(block[block.rindex(START) + 1 :].decode("utf-8")):
                    return

    def take(self, message):
        """False ends the connection."""
        order = Control.faults.next()
        mode = order["mode"]
        entry = {"mode": mode, "control": field(message, "MSH", 10), "connection": f"{self.client_address[1]}",
                 "message": message}
        stores = mode not in ("down", "silent", "other", "CA+AE", "garbage", "web") + REFUSALS
        with Control.processing:
            found = self.check(message) if stores else []
            if stores and not found:
                key = (field(message, "MSH", 3), entry["control"])
                SEEN[key] = SEEN.get(key, 0) + 1
                entry["new"] = SEEN[key] == 1
            code = "AE" if found else mode if mode in REFUSALS else "CA" if mode == "CA" else "AA"
            Control.journal.write({**entry, "answer": code, "problems": found})
        if mode in ("down", "lose-answer"):
            return False
        if mode == "silent":
            return True
        if mode == "slow":
            time.sleep(order.get("seconds", 30))
        refusal = {"code": 101, "text": "; ".join(found)[:200].replace("|", "/")} if found else order
        answer = acknowledgement(message, code, refusal if code in REFUSALS else None)
        if mode == "half-answer":
            self.request.sendall(answer[: len(answer) // 2])
            return False
        if mode == "split":
            for byte in answer:
                self.request.sendall(bytes([byte]))
                time.sleep(0.001)
        elif mode == "joined":
            stranger = acknowledgement(message, "AE", {"code": 101, "text": "not yours"}, "F" * 20)
            self.request.sendall(b"\r\n" + self.last + stranger + answer)
        elif mode == "other":
            self.request.sendall(acknowledgement(message, "AA", control="0" * 20))
        elif mode in ("CA+AA", "CA+AE"):
            self.request.sendall(acknowledgement(message, "CA"))
            time.sleep(0.05)
            self.request.sendall(acknowledgement(message, mode[3:], order))
        elif mode == "garbage":
            self.request.sendall(START + bytes(range(0x20, 0xFF)) + END)
        elif mode == "web":
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 8000\r\n\r\n" + b"?" * 8000)
        else:
            self.request.sendall(answer)
        self.last = answer
        return mode != "once"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    context = None

    def finish_request(self, request, client_address):
        # In the connection's own thread: a handshake that never ends holds up nobody else.
        if self.context:
            request = self.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            try:
                request.do_handshake()
            except (ssl.SSLError, OSError) as error:
                Control.journal.write({"mode": "handshake", "error": str(getattr(error, "reason", error))})
                return self.let_go(request)
        try:
            super().finish_request(request, client_address)
        except (ConnectionError, ssl.SSLError) as error:
            Control.journal.write({"mode": "connection", "error": str(error)})
        finally:
            request.close()

    def let_go(self, request):
        """Ends a connection whose handshake failed so that the other side reads why: closed over bytes that nobody read, TCP
        would throw the alert away."""
        try:
            request.shutdown(socket.SHUT_WR)
            while os.read(request.fileno(), 65536):
                pass
        except OSError:
            pass
        request.close()


def main():
    parser = receiver.arguments(__doc__)
    parser.add_argument("--remember", action="store_true", help="what the journal says is had already")
    chosen = parser.parse_args()
    if not chosen.no_validate:
        import hl7check

        hl7check.problems("MSH|")  # the packages are there, or it does not start
        Connection.check = staticmethod(hl7check.problems)
    # As receiver.serve: signals may be blocked by whoever started this.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if chosen.until_stdin_ends:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
    if chosen.remember and chosen.journal:
        remember(chosen.journal)
    Control.journal = receiver.Journal(chosen.journal)
    control = receiver.Server(("127.0.0.1", 0), Control)
    control.daemon_threads = True
    threading.Thread(target=control.serve_forever, daemon=True).start()
    server = Server(("127.0.0.1", chosen.port), Connection)
    if chosen.tls:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.minimum_version = ssl.TLSVersion.TLSv1_2
        server.context.load_cert_chain(chosen.tls)
        if chosen.client_ca:
            server.context.verify_mode = ssl.CERT_REQUIRED
            server.context.load_verify_locations(chosen.client_ca)
    scheme = "mllps" if chosen.tls else "mllp"
    print(
        f"listening on {scheme}://127.0.0.1:{server.server_address[1]}, "
        f"control on http://127.0.0.1:{control.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
