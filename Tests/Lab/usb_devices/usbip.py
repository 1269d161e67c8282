"""A USB device at the level of transfers, plugged into this kernel's virtual host controller (vhci_hcd).

The kernel speaks USB/IP over a stream socket that is handed to it: one end of a pair is, and the other end is served here, so
neither a network nor a program to attach is needed. What libusb then sees is an ordinary device.

Numbers are those of the kernel's Documentation/usb/usbip_protocol.rst: big endian, but for the set-up packet.
"""
import asyncio
import pathlib
import socket
import struct
import subprocess

CONTROLLER = pathlib.Path("/sys/devices/platform/vhci_hcd.0")
FREE_PORT = 4  # VDEV_ST_NULL
FULL_SPEED = 2
EPIPE, ECONNRESET = 32, 104
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4


class Stall(Exception):
    """The endpoint halts; control endpoints forget it with the next set-up packet."""


class Device:
    """Subclass with descriptors; `control` (what the standard requests leave), `out` and `push` carry the data."""

    descriptor = configuration = b""
    strings = {}

    def __init__(self, name, journal):
        self.name, self.journal = name, journal
        self.transfers = 0          # of the protocol: standard requests of the kernel are not counted
        self.unplug_at = None       # the number of the transfer at which it is pulled out
        self.stall_at = set()
        self.silent = False         # NAK for ever
        self._ready, self._asked = {}, {}
        self._pair = self._port = self._served = None

    def write(self, event, **more):
        self.journal.write(self.name, event, **more)

    @property
    def is_plugged(self):
        return self._port is not None

    # Plugging

    async def plug(self):
        if not CONTROLLER.exists():
            subprocess.run(["modprobe", "-a", "usbcore", "usbhid", "vhci-hcd"], check=True)
        self._ready, self._asked = {}, {}
        self.fresh()
        ours, kernels = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        reader, writer = await asyncio.open_connection(sock=ours)
        self._writer = writer
        self._served = asyncio.ensure_future(self._serve(reader, writer))
        ports = [line.split() for line in (CONTROLLER / "status").read_text().splitlines()[1:]]
        self._port = next(int(words[1]) for words in ports if words[0] == "hs" and int(words[2]) == FREE_PORT)
        # Attached again before the kernel has seen that its port was empty, a device is never looked at.
        deadline = asyncio.get_running_loop().time() + 30
        while any(CONTROLLER.glob(f"usb*/*-{self._port + 1}")):
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"the kernel has not let go of what was on port {self._port}")
            await asyncio.sleep(0.05)
        line = f"{self._port} {kernels.fileno()} {0x10000 + self._port} {FULL_SPEED}"
        await asyncio.to_thread((CONTROLLER / "attach").write_text, line)
        kernels.close()  # the kernel holds it now
        self.write("plugged", port=self._port)

    async def unplug(self):
        if self._port is None:
            return
        port, self._port = self._port, None
        try:
            await asyncio.to_thread((CONTROLLER / "detach").write_text, str(port))
        except OSError:
            pass  # the socket's end has done it
        self._writer.close()
        self._served.cancel()
        self.write("unplugged")

    def pull(self):
        """At once, in the middle of whatever happens: the kernel sees its socket end."""
        self._port = None
        self._writer.transport.abort()
        self.write("pulled", transfer=self.transfers)

    # What a subclass answers

    def fresh(self):
        """It has just been plugged in."""

    def control(self, kind, request, value, index, length, data):
        """A request that is not standard: what comes back, b"" for an outgoing one."""
        raise Stall

    def out(self, endpoint, data):
        raise Stall

    def push(self, endpoint, data):
        """To be given to whoever asks next."""
        asked = self._asked.get(endpoint)
        if asked:
            self._give(*asked.pop(0), data)
        else:
            self._ready.setdefault(endpoint, []).append(data)

    def _standard(self, kind, request, value, index, length, data):
        if kind == 0x80 and request == 6:  # GET_DESCRIPTOR
            which, number = value >> 8, value & 0xFF
            if which == 1:
                return self.descriptor
            if which == 2:
                return self.configuration
            if which == 3 and number == 0:
                return bytes([4, 3, 9, 4])
            if which == 3 and number in self.strings:
                text = self.strings[number].encode("utf-16le")
                return bytes([len(text) + 2, 3]) + text
            raise Stall
        if kind in (0x80, 0x81, 0x82) and request == 0:  # GET_STATUS
            return b"\0\0"
        if kind == 0x80 and request == 8:  # GET_CONFIGURATION
            return b"\1"
        if kind in (0, 1, 2):  # SET_CONFIGURATION, SET_INTERFACE, CLEAR_FEATURE
            return b""
        return self.control(kind, request, value, index, length, data)

    # The wire

    def _answer(self, number, status, data=b"", count=None):
        count = len(data) if count is None else count
        if not self._writer.is_closing():
            self._writer.write(struct.pack(">5Ii4I8x", SUBMITTED, number, 0, 0, 0, status, count, 0, 0, 0) + data)

    def _give(self, number, room, data):
        # More than there is room for is babble, as on the wire: the kernel is told of an overflow.
        if len(data) > room:
            self._answer(number, -75)
        else:
            self._answer(number, 0, data)

    def _count(self):
        """One transfer of the protocol; False when it is the last one before it is pulled out."""
        number, self.transfers = self.transfers, self.transfers + 1
        if number == self.unplug_at:
            self.unplug_at = None
            self.pull()
            return False
        if number in self.stall_at:
            self.stall_at.discard(number)
            raise Stall
        return True

    async def _serve(self, reader, writer):
        try:
            while True:
                head = await reader.readexactly(48)
                command, number, _, direction, endpoint = struct.unpack(">5I", head[:20])
                if command == SUBMIT:
                    room = struct.unpack(">I", head[24:28])[0]
                    data = await reader.readexactly(room) if direction == 0 and room else b""
                    self._submitted(number, direction, endpoint, room, data, head[40:48])
                elif command == UNLINK:
                    victim = struct.unpack(">I", head[20:24])[0]
                    found = False
                    for asked in self._asked.values():
                        found = found or any(entry[0] == victim for entry in asked)
                        asked[:] = [entry for entry in asked if entry[0] != victim]
                    status = -ECONNRESET if found else 0
                    writer.write(struct.pack(">5Ii24x", UNLINKED, number, 0, 0, 0, status))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    def _submitted(self, number, direction, endpoint, room, data, setup):
        try:
            if endpoint == 0:
                kind, request, value, index, length = struct.unpack("<BBHHH", setup)
                if kind & 0x60 and not self._count():
                    return
                result = self._standard(kind, request, value, index, length, data)
                if direction:
                    self._answer(number, 0, result[:length])
                else:
                    self._answer(number, 0, count=room)
            elif direction == 0:
                if not self._count():
                    return
                if self.silent:
                    self._asked.setdefault(endpoint | 0x100, []).append((number, room))
                    return
                self._answer(number, 0, count=room)
                self.out(endpoint, data)
            elif not self._count():
                return
            elif self._ready.get(endpoint):
                self._give(number, room, self._ready[endpoint].pop(0))
            else:
                self._asked.setdefault(endpoint, []).append((number, room))
        except Stall:
            self._answer(number, -EPIPE)
