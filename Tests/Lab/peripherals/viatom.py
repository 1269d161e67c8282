"""Viatom (Wellue) BP2W: files over the maker's service.

Facts: chalimov/viatom_bp2_ha, LP-BP2W_PROTOCOL.md: frames (section 3), commands and which must never be sent (4), the file
(6), device information (7).
"""
import asyncio
import datetime
import struct

from .peripheral import Peripheral, Service, characteristic

SERVICE = "14839AC47D7E415C9A42167340CF2339"
WRITE = "8B00ACE7EB0B49B0BBE99AEE0A26E1A3"
NOTIFY = "0734594AA8E74B1AA6B1CD5243059A57"
# Factory reset, start a measurement, power off, reset.
NEVER = {0x04, 0x09, 0x0A, 0x24, 0x25, 0x39, 0xE2, 0xE3}


def crc8(octets):
    """Polynomial 0x07 from 0."""
    value = 0
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value


def packet(command, payload, sequence, to_host=True):
    body = bytes([0xA5, command, command ^ 0xFF, to_host, sequence]) + struct.pack("<H", len(payload)) + payload
    return body + bytes([crc8(body)])


def file_record(systolic, diastolic, mean, pulse, at, irregular=False):
    """37 octets. The device counts its local time as if it were UTC."""
    stamp = int(at.replace(tzinfo=datetime.timezone.utc).timestamp())
    return struct.pack("<IIB4xHHHH16x", stamp, 1, irregular, systolic, diastolic, mean, pulse)


class BP2W(Peripheral):
    """`chunk`: octets of the file in one answer. Answers come in notifications of 20 octets."""

    def __init__(self, radio, journal, name="LP-BP2W", address="F0:F1:F2:F4:00:30", *, chunk=100, **more):
        super().__init__(radio, journal, name, address, **more)
        self.chunk, self.records, self.received = chunk, [], b""

    def services(self):
        from bumble.gatt import CharacteristicValue
        return [Service(SERVICE, [
            characteristic(WRITE, "write write_without_response", CharacteristicValue(write=self._written)),
            characteristic(NOTIFY, "notify")])]

    @property
    def file(self):
        return b"\x01\x01" + bytes(8) + b"".join(self.records)

    async def measure(self, *values, at=None, **more):
        self.records.append(file_record(*values, at=at or datetime.datetime.now(), **more))
        await self.advertise()
        return self.records[-1]

    def commands(self, since=0):
        return [event["command"] for event in self.events("command", since=since)]

    def linked(self):
        self.received = b""

    def _written(self, connection, value):
        self.received += bytes(value)
        while len(self.received) >= 8:
            size = 8 + struct.unpack_from("<H", self.received, 5)[0]
            if len(self.received) < size:
                return
            one, self.received = self.received[:size], self.received[size:]
            if one[0] != 0xA5 or one[1] ^ one[2] != 0xFF or crc8(one[:-1]) != one[-1]:
                self.say("error", what=f"not a packet: {one.hex()}")
                continue
            self.say("command", command=one[1])
            if one[1] in NEVER:
                self.say("error", what=f"a command that must never be sent: {one[1]:02X}", never=one[1])
                continue
            self.spawn(self._answer(one[1], one[7:-1], one[4]))

    async def _answer(self, command, payload, sequence):
        await asyncio.sleep(0.01)
        if command == 0xE1:
            now = datetime.datetime.now()
            answer = bytes([0x42, 0, 0, 1, 1, 0, 0, 0, 0]) + b"00000000" + bytes(7) + struct.pack(
                "<HBBBBB", now.year, now.month, now.day, now.hour, now.minute, now.second) + bytes(6)
            answer = (answer + b"\x0A" + b"LAB0000001").ljust(60, b"\0")
        elif command == 0xEC:
            answer = b""
        elif command == 0xF1:
            answer = b"\x02" + b"bp2nibp.list".ljust(16, b"\0") + b"bp2ecg.list".ljust(16, b"\0")
        elif command == 0xF2:
            answer = struct.pack("<I", len(self.file) if payload.rstrip(b"\0") == b"bp2nibp.list" else 0)
        elif command == 0xF3:
            offset, = struct.unpack("<I", payload[:4])
            answer = self.file[offset:offset + self.chunk]
        elif command == 0xF4:
            answer = b""
            self._wanted = False
            self.say("closed")
        else:
            return
        whole = packet(command, answer, sequence)
        for place in range(0, len(whole), 20):
            self.notify(NOTIFY, whole[place:place + 20])
