"""An ANT stick on a cable and heart-rate straps around it, as openant's messages and pages describe them. Never from the
gateway's code."""
import asyncio
import struct
from functools import reduce
from operator import xor

from .usbip import Device, Stall

INTERFACE = bytes([9, 4, 0, 0, 2, 0xFF, 0, 0, 0])
ENDPOINTS = bytes([7, 5, 0x81, 2, 64, 0, 1]) + bytes([7, 5, 0x01, 2, 64, 0, 1])
RESET, KEY, ASSIGN, ID, PERIOD, SEARCH, FREQUENCY, EXTENDED, OPEN, SCAN, CLOSE = (
    0x4A, 0x46, 0x42, 0x51, 0x43, 0x44, 0x45, 0x6E, 0x4B, 0x5B, 0x4C)
STARTED, RESPONSE, BROADCAST = 0x6F, 0x40, 0x4E
WRONG_STATE = 21


def message(name, content):
    front = bytes([0xA4, len(content), name]) + content
    return front + bytes([reduce(xor, front)])


class Strap:
    """Beats evenly and says so four times a second. `count` and `time` are where its counters begin."""

    def __init__(self, number, rate=70, count=0, time=0):
        self.number, self.rate, self.count, self.time = number, rate, count, time
        self.in_reach, self.sent, self.beats = True, 0, 0
        self._due = None

    def page(self, now):
        if self._due is None:
            self._due = now
        while now >= self._due:
            self.beats += 1
            self.count = (self.count + 1) % 256
            self.time = (self.time + round(61440 / self.rate)) % 65536
            self._due += 60 / self.rate
        # Every four messages the toggle bit; a battery's page now and then.
        toggle = 0x80 if self.sent // 4 % 2 else 0
        first = bytes([7 | toggle, 87, 0xE9, 0x23]) if self.sent % 64 >= 60 else bytes([toggle, 0xFF, 0xFF, 0xFF])
        self.sent += 1
        return first + struct.pack("<HBB", self.time, self.count, self.rate)

    def message(self, now):
        return message(BROADCAST, b"\0" + self.page(now) + b"\x80" + struct.pack(
            "<HBB", self.number & 0xFFFF, 120, self.number >> 16 << 4 | 1))


class ANTStick(Device):
    descriptor = bytes([18, 1, 0x00, 2, 0, 0, 0, 64]) + struct.pack("<HHH", 0x0FCF, 0x1009, 0x0100) + bytes([1, 2, 0, 1])
    configuration = (bytes([9, 2]) + struct.pack("<H", 9 + len(INTERFACE + ENDPOINTS)) + bytes([1, 1, 0, 0x80, 100])
                     + INTERFACE + ENDPOINTS)
    strings = {1: "Dynastream Innovations", 2: "ANT USB-m Stick"}

    def __init__(self, name, journal, key, straps):
        super().__init__(name, journal)
        self.key, self.straps = key, straps
        self.fresh()

    def fresh(self):
        self._set, self._scanning = {}, False

    async def air(self):
        """Runs until it is cancelled: what the straps send, 8070/32768 s apart."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            for strap in self.straps:
                heard = strap.message(now)
                if strap.in_reach and self._scanning and self.is_plugged:
                    self.push(1, heard)
            await asyncio.sleep(8070 / 32768)

    def out(self, endpoint, data):
        if endpoint != 1:
            raise Stall
        if len(data) < 5 or data[0] != 0xA4 or len(data) != data[1] + 4 or reduce(xor, data):
            self.write("rubbish", octets=data.hex())
            return
        name, content = data[2], data[3:-1]
        # What a key is must not get into a journal either.
        self.write("told", command=name)
        if name == RESET:
            self.fresh()
            self._ready.pop(1, None)
            return self.push(1, message(STARTED, b"\x20"))
        code = 0
        if name == SCAN:
            right = {EXTENDED: b"\0\x80", KEY: b"\0" + self.key, ASSIGN: b"\0\0\0", ID: b"\0\0\0\x78\0", FREQUENCY: b"\0\x39",
                     PERIOD: b"\0\x86\x1f"}
            if ASSIGN not in self._set:
                code = WRONG_STATE
            # With another key, period or frequency a stick hears nothing, and says nothing of it.
            self._scanning = all(self._set.get(each) == value for each, value in right.items())
            self.write("scanning", heard=self._scanning)
        else:
            self._set[name] = content
        self.push(1, message(RESPONSE, bytes([content[0], name, code])))
