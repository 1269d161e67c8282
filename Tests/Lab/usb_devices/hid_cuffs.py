"""Cuffs on a cable that talk in HID reports, never from the gateway's code: an Omron HEM-7322U as LazyT/obpm's usb.cpp reads
it, a Beurer BM58 as roose242/bmdump does, a BM96 as roose242/bmtoolkit does, two Microlifes and a Contec 08A as said there. No
descriptor of any of them has been published: theirs are the least that carries such reports."""
import struct
from functools import reduce
from operator import xor

from .usbip import Device, Stall


class HIDCuff(Device):
    """Reports in over endpoint 1; out over endpoint 2, or by Set_Report where it has none."""

    vendor = product = 0
    size = 8            # of a report in
    number = 0          # of a report out
    has_out = True

    def __init__(self, name, journal):
        # A vendor's page, one report each way.
        numbered = bytes([0x85, self.number]) if self.number else b""
        count = bytes([0x95, self.size - (1 if self.number else 0)])
        self._report_descriptor = (bytes.fromhex("0600ff0901a101") + numbered + bytes.fromhex("150026ff007508")
                                   + count + bytes.fromhex("09018102") + count + bytes.fromhex("09019102") + b"\xc0")
        self.descriptor = (bytes([18, 1, 0x10, 1, 0, 0, 0, 8]) + struct.pack("<HHH", self.vendor, self.product, 0x0100)
                           + bytes([0, 0, 0, 1]))
        addresses = (0x81, 0x02) if self.has_out else (0x81,)
        body = (bytes([9, 4, 0, 0, len(addresses), 3, 0, 0, 0])
                + struct.pack("<BBHBBBH", 9, 0x21, 0x0101, 0, 1, 0x22, len(self._report_descriptor))
                + b"".join(bytes([7, 5, address, 3, self.size, 0, 10]) for address in addresses))
        self.configuration = bytes([9, 2]) + struct.pack("<H", 9 + len(body)) + bytes([1, 1, 0, 0x80, 50]) + body
        super().__init__(name, journal)

    def control(self, kind, request, value, index, length, data):
        if kind == 0x81 and request == 6 and value >> 8 == 0x22:
            return self._report_descriptor
        if kind == 0x21 and request == 0x0A:  # Set_Idle
            return b""
        if kind == 0x21 and request == 9 and value == 0x0200 | self.number and not self.has_out:
            self.hear(bytes(data))
            return b""
        raise Stall

    def out(self, endpoint, data):
        if endpoint != 2 or not self.has_out:
            raise Stall
        self.hear(bytes(data))

    def asked(self, command):
        self.write("asked", command=command)

    def hear(self, report):
        raise NotImplementedError


class BeurerBM58(HIDCuff):
    vendor, product, has_out = 0x0C45, 0x7406, False

    @staticmethod
    def record(user, year, month, day, hour, minute, systolic, diastolic, pulse, irregular=False):
        return bytes([systolic - 25, diastolic - 25, pulse, month, day | (user - 1) << 7, hour, minute,
                      year - 2000 | irregular << 7])

    def __init__(self, name, journal, records):
        super().__init__(name, journal)
        self.records = records

    def hear(self, report):
        if len(report) != 8:
            return
        word = report[0]
        self.asked(f"{word:02X}")
        if word == 0xAA:
            self.push(1, b"\x55" + b"\xf4" * 7)
        elif word == 0xA2:
            self.push(1, bytes([len(self.records)]) + b"\xf4" * 7)
        elif word == 0xA3 and 1 <= report[1] <= len(self.records):
            self.push(1, self.records[report[1] - 1])


class BeurerBM96(HIDCuff):
    vendor, product, size = 0x314A, 0x0102, 64

    @staticmethod
    def row(year, month, day, hour, minute, systolic, diastolic, pulse, kind=1):
        """The octets behind user and index."""
        return bytes([0, kind, hour, minute, day, month, year - 2000, 2, 0, systolic, diastolic, pulse])

    def __init__(self, name, journal, users):
        super().__init__(name, journal)
        self.users = users  # two lists of rows

    def hear(self, report):
        if len(report) != 8:
            return
        word = report[0]
        self.asked(f"{word:02X}")
        answer = None
        if word == 0xAA:
            answer = b"\x55"
        elif word == 0xA2:
            answer = bytes(len(rows) for rows in self.users)
        elif word == 0xA3 and report[1] < 2 and report[2] < len(self.users[report[1]]):
            answer = report[1:3] + self.users[report[1]][report[2]]
        if answer is not None:
            self.push(1, b"\xf4" * 64)  # as it does between answers
            self.push(1, answer.ljust(64, b"\0"))


class OmronMemory(HIDCuff):
    vendor, product, size, number = 0x0590, 0x0090, 64, 2
    START = 0x02AC

    @staticmethod
    def record(year, month, day, hour, minute, second, systolic, diastolic, pulse):
        """By the numbers of bits from the front: movement, irregularity, position and battery 0, the cuff sits well."""
        bits = "".join(f"{value:0{width}b}" for value, width in (
            (diastolic, 8), (systolic - 25, 8), (year - 2000, 8), (pulse, 8), (0, 2), (month, 4), (day, 5), (hour, 5),
            (0, 2), (0, 1), (1, 1), (minute, 6), (second, 6), (0, 32)))
        octets = int(bits, 2).to_bytes(12, "big")
        total = sum(octets) & 0xFF
        return octets + bytes([total ^ 0xFF, total])

    def __init__(self, name, journal, users, slots=100):
        super().__init__(name, journal)
        self.users, self.slots = users, slots

    def hear(self, report):
        if len(report) != 9 or report[0] != 2 or report[1] != 8 or reduce(xor, report[1:]):
            return
        kind, address, count = report[2:4], report[4:6], report[6]
        self.asked(kind.hex().upper())
        if kind == b"\x00\x00":
            self._frame(b"\x80\x00\x00\x00\x10")
        elif kind == b"\x01\x00":
            memory = b"".join(b"".join(records).ljust(14 * self.slots, b"\xff") for records in self.users)
            start = int.from_bytes(address, "big") - self.START
            part = memory[start:start + count] if start >= 0 else b""
            if len(part) == count:
                self._frame(b"\x81\x00" + address + bytes([count]) + part)
            else:
                self._frame(b"\x81\x00" + address + bytes([count]), result=0xE3)
        elif kind == b"\x0f\x00":
            self._frame(b"\x8f\x00\x00\x00\x00")

    def _frame(self, body, result=0):
        frame = bytes([len(body) + 3]) + body + bytes([result])
        frame += bytes([reduce(xor, frame)])
        self.push(1, (bytes([self.number]) + frame).ljust(64, b"\0"))


class MicrolifePC(HIDCuff):
    """A BP B3 Comfort PC as vytautas-valaitis/microlife_bp reads it: frames cut into reports of seven octets."""

    vendor, product = 0x04D9, 0xB554

    @staticmethod
    def record(year, month, day, hour, minute, systolic, diastolic, pulse, flags=0x80):
        return bytes([systolic, diastolic, pulse, year - 2000, month, day, hour, minute, flags, 0])

    def __init__(self, name, journal, records, user=None):
        super().__init__(name, journal)
        self.records, self.user = records, user  # None: it does not say who is chosen
        self._heard = b""

    def fresh(self):
        self._heard = b""

    def hear(self, report):
        if len(report) != 8 or report[0] > 7:
            return
        self._heard += report[1:1 + report[0]]
        if len(self._heard) < 4 or len(self._heard) < 4 + struct.unpack(">H", self._heard[2:4])[0]:
            return
        frame, self._heard = self._heard, b""
        if frame[:2] != b"\x4d\xff" or sum(frame[:-1]) & 0xFF != frame[-1]:
            return
        self.asked(frame[4:-1].hex().upper())
        if frame[4:-1] == b"\x05" and self.user is not None:
            self._say(bytes([5, self.user]) + b" " * 20 + b"\0" + b" " * 20)
        elif frame[4:-1] == bytes(7) + b"\xfd":
            self._say(bytes([0, 0, 0, len(self.records)]) + bytes(34) + b"".join(self.records))

    def _say(self, payload):
        frame = b"\x4d\x3a" + struct.pack(">H", len(payload) + 1) + payload
        frame += bytes([sum(frame) & 0xFF])
        for start in range(0, len(frame), 7):
            part = frame[start:start + 7]
            self.push(1, bytes([0xF0 | len(part)]) + part + b"\x55" * (7 - len(part)))


class MicrolifeText(HIDCuff):
    """A BP3GX1-5X as joergmlpts/blood-pressure-monitor's bpm_usb.py reads it: text, cut into reports of seven characters."""

    vendor, product = 0x04B4, 0x5500
    NAME = "414E4E"  # what its owner has called herself: ANN

    @staticmethod
    def record(year, month, day, hour, minute, systolic, diastolic, pulse):
        bits = f"00{pulse:010b}{diastolic:010b}{systolic:010b}"
        return f"{year - 2000:02}{month:02}{day:02}{hour:02}{minute:02}000000{int(bits, 2):08X}00000000"

    def __init__(self, name, journal, records):
        super().__init__(name, journal)
        self.records = records

    def hear(self, report):
        # Three octets that are always the same, and the command.
        if len(report) != 8 or report[0] != 4 or report[1:4] != b"\x12\x16\x18":
            return
        self.asked(f"{report[4]:02X}")
        if report[4] != 0x22:
            return
        text = f"{len(self.records):04X}0004{self.NAME:9<24}{''.join(self.records)}".encode()
        answer = b"\x06" + text + f"{sum(text) % 256:02X}".encode()
        self.push(1, b"\xf0" + bytes(7))  # as such a converter does when it has nothing to say
        for start in range(0, len(answer), 7):
            part = answer[start:start + 7]
            self.push(1, bytes([0xF0 + len(part)]) + part.ljust(7, b"\0"))


class Contec08A(HIDCuff):
    """As MarkMLl/contec08a's consoleapp.pas reads it. Bit 7 of what belongs to a reading is always set; that the true ones are
    in the octets 0 and 8 is inferred from the readings that are written down there."""

    vendor, product, size = 0x0483, 0x5750, 64

    @staticmethod
    def reading(year, month, day, hour, minute, systolic, diastolic, mean, pulse):
        octets = []
        for part in ((0, systolic, diastolic, pulse, mean, year - 2000, month), (day, hour, minute, 0, 17)):
            octets.append(int("1" + "".join("01"[number > 127] for number in reversed(part)).rjust(7, "0"), 2))
            octets += [number | 128 for number in part]
        return bytes(octets)

    def __init__(self, name, journal, users):
        super().__init__(name, journal)
        self.users = users  # three lists of readings
        self.is_on = True

    def hear(self, report):
        if len(report) != 64:
            return
        self.asked(report[:6].hex().upper().rstrip("0") if report[0] == 0x43 else f"{report[0]:02X}")
        if report[:6] == bytes.fromhex("408ffffefdfc"):
            self._say("4b40")  # what it answers is written down nowhere
        elif report[:6] == bytes.fromhex("428ffffefdfc"):
            self._say("484102130102")
        elif report[:3] == b"\x43\x41\x01" and 4 <= report[3] <= 6 and report[4:6] == b"\x02\x00":
            self._say("4a4301" if self.is_on else "4a4300")
            if not self.is_on:
                return
            user = report[3] - 3
            readings = self.users[user - 1]
            self._say(f"46418080{len(readings) | 128:02x}8280808080808080{user | 128:02x}")
            for reading in readings:
                self._say(reading.hex())

    def _say(self, octets):
        self.push(1, bytes.fromhex(octets).ljust(64, b"\0"))
