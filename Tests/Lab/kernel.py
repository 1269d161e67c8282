"""The kernel's Bluetooth sockets, bare: the monitor channel (HCI trace), the management channel and ATT over L2CAP.

Python's socket module knows no channels of HCI and no fixed channels of L2CAP, so addresses are bound through the C
library. This is the rig's own small client, for the self-test and for clearing up; it shares nothing with vitalsd.
"""
import asyncio
import contextlib
import ctypes
import os
import select
import socket
import struct
import threading
import time

AF_BLUETOOTH, BTPROTO_L2CAP, BTPROTO_HCI = 31, 0, 1
CHANNEL_MONITOR, CHANNEL_CONTROL, NO_DEVICE = 2, 3, 0xFFFF
SOL_BLUETOOTH, BT_SECURITY = 274, 4
LOW, MEDIUM, HIGH = 1, 2, 3
ATT_CID = 4
PUBLIC, RANDOM = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _with_address(call, sock, address):
    if call(sock.fileno(), address, len(address)) < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def hci_socket(channel, index=NO_DEVICE):
    sock = socket.socket(AF_BLUETOOTH, socket.SOCK_RAW | socket.SOCK_CLOEXEC, BTPROTO_HCI)
    _with_address(_libc.bind, sock, struct.pack("<HHH", AF_BLUETOOTH, index, channel))
    return sock


def octets(address):
    return bytes.fromhex(address.replace(":", ""))[::-1]


def text(address):
    return ":".join(f"{b:02X}" for b in address[::-1])


class Trace:
    """All HCI traffic and management events of the machine into a btsnoop file (`btmon -r FILE`, Wireshark)."""

    EPOCH = 0x00E03AB44A676000  # 2000-01-01 in microseconds since the year 0, as btsnoop counts
    UNIX = 946684800

    def __init__(self, path):
        self.records = 0
        self._file = open(path, "wb", buffering=0)  # whatever happens to the guest, it is outside
        self._file.write(b"btsnoop\0" + struct.pack(">II", 1, 2001))
        self._socket = hci_socket(CHANNEL_MONITOR)
        self._stop, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            ready, _, _ = select.select([self._socket, self._stop], [], [])
            if self._stop in ready:
                return
            packet = self._socket.recv(65536)
            opcode, index, length = struct.unpack_from("<HHH", packet)
            stamp = int((time.time() - self.UNIX) * 1_000_000) + self.EPOCH
            self._file.write(struct.pack(">IIIIq", length, length, index << 16 | opcode, 0, stamp) + packet[6:6 + length])
            self.records += 1

    def close(self):
        os.write(self._wake, b"x")
        self._thread.join()
        for fd in (self._stop, self._wake):
            os.close(fd)
        self._socket.close()
        self._file.close()


class KernelLog:
    """What the kernel says from now on, and whether it is a reason to fail."""

    BAD = ("BUG", "Oops", "WARNING: CPU", "list_del corruption", "list_add corruption", "general protection fault",
           "blocked for more than", "refcount_t")

    def __init__(self):
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self._fd, 0, os.SEEK_END)
        self.lines = []

    def read(self):
        while True:
            try:
                self.lines.append(os.read(self._fd, 8192).decode(errors="replace").split(";", 1)[-1].rstrip("\n"))
            except BlockingIOError:
                return self.lines
            except BrokenPipeError:  # overrun: the oldest lines are lost
                continue

    # Debian's builds in which closing an L2CAP socket after its link has ended frees a structure twice
    # (Gateway.docc/Decisions/KernelFaultOnClose.md). Nothing in user space avoids it where a link ends under us.
    FAULTY_BUILDS = ("6.1.192-1", "6.1.192-2", "6.1.192-3")
    FAULT_TRACE = ("l2cap_sock_release", "l2cap_conn_free", "hci_chan_del")

    # The kernel's own doubt, with a FIXME in its source (hci_conn.c, hci_conn_timeout): a count that fell below zero, told as
    # a warning and let pass. It comes when a link is made in the moment in which the kernel's time limit cancels the attempt;
    # what it costs (the background scan) is what the gateway has to mend, and the scenario sees whether it does.
    KNOWN_WARNING = ("WARNING: CPU", "hci_conn_timeout")

    def bad(self, known_fault_allowed=False):
        """The lines to fail for; with `known_fault_allowed`, without those of the faulty builds' own fault, which are counted
        in `known_faults`, as the known warning is. A complaint reaches from its first line to the end of its trace."""
        lines, bad = self.read(), []
        self.known_faults = 0
        allowed = known_fault_allowed and any(f"Debian {build} " in os.uname().version for build in self.FAULTY_BUILDS)
        position = 0
        while position < len(lines):
            if not any(word in lines[position] for word in self.BAD):
                position += 1
                continue
            end = next((n for n in range(position, len(lines)) if "end trace" in lines[n]), len(lines) - 1)
            complaint = lines[position:end + 1]
            if all(word in lines[position] for word in self.KNOWN_WARNING):
                self.known_faults += 1
            elif allowed and any(word in line for line in complaint for word in self.FAULT_TRACE):
                self.known_faults += 1
            else:
                bad += [line for line in complaint if any(word in line for word in self.BAD)]
            position = end + 1
        return bad

    def close(self):
        os.close(self._fd)


class ManagementError(Exception):
    def __init__(self, opcode, status):
        super().__init__(f"management command 0x{opcode:04X}: status {status}")
        self.status = status


class Management:
    """A client of the management channel: `await command(opcode, parameters)`, and events in order."""

    COMPLETE, STATUS = 0x0001, 0x0002
    INDEX_ADDED, INDEX_REMOVED, NEW_LTK, CONNECTED, DISCONNECTED = 0x0004, 0x0005, 0x000A, 0x000B, 0x000C
    USER_CONFIRM, USER_PASSKEY, AUTH_FAILED, DEVICE_FOUND, NEW_IRK = 0x000F, 0x0010, 0x0011, 0x0012, 0x0018

    def __init__(self):
        self._socket = hci_socket(CHANNEL_CONTROL)
        self._socket.setblocking(False)
        self._waiting, self.events = {}, []
        self._changed = asyncio.Event()
        self.answers = {}  # event code: function(parameters) that answers at once
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self):
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _readable(self):
        packet = self._socket.recv(4096)
        code, index, length = struct.unpack_from("<HHH", packet)
        parameters = packet[6:6 + length]
        if code in (self.COMPLETE, self.STATUS):
            opcode, status = struct.unpack_from("<HB", parameters)
            waiting = self._waiting.pop((opcode, index), None)
            if waiting and not waiting.done():
                if status:
                    waiting.set_exception(ManagementError(opcode, status))
                else:
                    waiting.set_result(parameters[3:])
            return
        self.events.append((code, parameters))
        self._changed.set()
        if code in self.answers:
            self.answers[code](parameters)

    def post(self, opcode, parameters=b"", index=0):
        self._socket.send(struct.pack("<HHH", opcode, index, len(parameters)) + parameters)

    async def command(self, opcode, parameters=b"", index=0, limit=30):
        waiting = self._waiting[opcode, index] = asyncio.get_running_loop().create_future()
        self.post(opcode, parameters, index)
        return await asyncio.wait_for(waiting, limit)

    async def event(self, code, since=0, matching=lambda parameters: True, limit=30):
        """Parameters of the first such event at or after place `since`."""
        deadline = time.monotonic() + limit
        while True:
            for seen, parameters in self.events[since:]:
                if seen == code and matching(parameters):
                    return parameters
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no management event 0x{code:04X} in {limit:.0f} s; seen: "
                                   + " ".join(f"{c:04X}" for c, _ in self.events[since:]))
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)

    async def settings(self):
        info = await self.command(0x0004)
        supported, current = struct.unpack_from("<II", info, 9)
        return supported, current

    # The commands of the self-test

    async def power(self, on):
        await self.command(0x0005, bytes([on]))

    async def ready(self, io_capability=3):
        """LE on, Secure Connections on, bondable, powered. IO capability 3: no input, no output; 4: keyboard, display."""
        await self.power(False)
        await self.command(0x000D, b"\1")
        await self.command(0x002D, b"\1")
        await self.command(0x0009, b"\1")
        await self.command(0x0018, bytes([io_capability]))
        await self.command(0x0030, struct.pack("<H", 0))
        await self.power(True)

    async def pair(self, address, kind=RANDOM, io_capability=3, limit=60):
        await self.command(0x0019, octets(address) + bytes([kind, io_capability]), limit=limit)

    async def await_device(self, address, kind=RANDOM):
        await self.command(0x0033, octets(address) + bytes([kind, 2]))

    async def disconnect(self, address, kind=RANDOM):
        await self.command(0x0014, octets(address) + bytes([kind]))

    async def connections(self):
        answer = await self.command(0x0015)
        count, = struct.unpack_from("<H", answer)
        return [text(answer[2 + 7 * i:8 + 7 * i]) for i in range(count)]

    async def discover(self, seconds_limit=30, uuid=0x1810):
        """Address and name of the first LE device that advertises this service."""
        since = len(self.events)
        await self.command(0x0023, bytes([6]))

        def offers(parameters):
            return uuid in dict(advertised(parameters[14:]))["services"]
        found = await self.event(self.DEVICE_FOUND, since, offers, seconds_limit)
        with contextlib.suppress(ManagementError):
            await self.command(0x0024, bytes([6]))
        return text(found[:6]), dict(advertised(found[14:]))["name"]


def advertised(data):
    services, name = [], None
    while data and data[0]:
        length, kind, value = data[0], data[1], data[2:1 + data[0]]
        if kind in (2, 3):
            services += [int.from_bytes(value[i:i + 2], "little") for i in range(0, len(value), 2)]
        elif kind in (8, 9):
            name = value.decode(errors="replace")
        data = data[1 + length:]
    return {"services": services, "name": name}.items()


def _l2(address=None, kind=0, cid=ATT_CID):
    return struct.pack("<HH", AF_BLUETOOTH, 0) + (octets(address) if address else bytes(6)) + struct.pack("<HB", cid, kind) \
        + b"\0"


class Bearer:
    """One ATT link: requests one at a time, and whatever comes unasked in `incoming`."""

    def __init__(self, sock):
        self.socket = sock
        sock.setblocking(False)
        self.incoming = asyncio.Queue()
        self._answer = None
        asyncio.get_running_loop().add_reader(sock, self._readable)
        self.ended = asyncio.Event()

    def _readable(self):
        try:
            pdu = self.socket.recv(1024)
        except BlockingIOError:
            return
        except OSError:
            pdu = b""
        if not pdu:
            asyncio.get_running_loop().remove_reader(self.socket)
            self.ended.set()
            self.incoming.put_nowait(None)
        elif pdu[0] in (0x1B, 0x1D):
            self.incoming.put_nowait(pdu)
        elif self._answer and not self._answer.done():
            self._answer.set_result(pdu)

    def close(self):
        if not self.ended.is_set():
            asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()

    def security(self):
        level, key_size = self.socket.getsockopt(SOL_BLUETOOTH, BT_SECURITY, 2)
        return level, key_size

    async def raise_security(self, level=MEDIUM, limit=30):
        """Ask for a level and wait until the kernel says that level and key are there; ConnectionError if the link ends."""
        self.socket.setsockopt(SOL_BLUETOOTH, BT_SECURITY, bytes([level, 0]))
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                now, key_size = self.security()
                if now >= level and key_size >= 7:
                    return
            if self.ended.is_set():
                raise ConnectionError("the link ended before it was encrypted")
            await asyncio.sleep(0.01)
        raise TimeoutError("not encrypted")

    async def request(self, pdu, limit=30):
        self._answer = asyncio.get_running_loop().create_future()
        self.socket.send(pdu)
        return await asyncio.wait_for(self._answer, limit)

    async def write(self, handle, value):
        return await self.request(struct.pack("<BH", 0x12, handle) + value)

    async def next(self, limit=30):
        return await asyncio.wait_for(self.incoming.get(), limit)

    def confirm(self):
        self.socket.send(b"\x1e")


class Listener:
    """The one listening ATT socket: links that the kernel made by itself are accepted here."""

    def __init__(self):
        self._socket = socket.socket(AF_BLUETOOTH, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC, BTPROTO_L2CAP)
        _with_address(_libc.bind, self._socket, _l2(kind=PUBLIC))
        self._socket.setsockopt(SOL_BLUETOOTH, BT_SECURITY, bytes([LOW, 0]))
        self._socket.listen(8)
        self._socket.setblocking(False)

    async def accept(self, limit=30):
        deadline = time.monotonic() + limit
        loop = asyncio.get_running_loop()
        while True:
            # accept() of Python's socket module wants to parse the peer's address; ours is not of its kinds.
            fd = _libc.accept4(self._socket.fileno(), None, None, socket.SOCK_CLOEXEC)
            if fd >= 0:
                return Bearer(socket.socket(fileno=fd))
            ready = loop.create_future()
            loop.add_reader(self._socket, lambda: ready.done() or ready.set_result(None))
            try:
                await asyncio.wait_for(ready, max(0.01, deadline - time.monotonic()))
            finally:
                loop.remove_reader(self._socket)

    def close(self):
        self._socket.close()
