"""Microlife BP3GY1-2N: all records in one answer.

Facts: joergmlpts/blood-pressure-monitor bpm_bt.py, vytautas-valaitis/microlife_bp notes: `4D FF length payload sum` is
asked, `4D 3A` answered; the length counts payload and sum; records of 10 octets begin at 38 of the payload.
"""
import asyncio
import datetime
import struct

from .peripheral import Peripheral, Service, characteristic


def message(kind, payload):
    body = struct.pack(">BBH", 0x4D, kind, len(payload) + 1) + payload
    return body + bytes([sum(body) & 0xFF])


def record(systolic, diastolic, pulse, at, flags=0x80):
    return bytes([systolic, diastolic, pulse, at.year - 2000, at.month, at.day, at.hour, at.minute, flags, 0])


class Microlife(Peripheral):
    def __init__(self, radio, journal, name="BP3GY1-2N", address="F0:F1:F2:F4:00:40", **more):
        super().__init__(radio, journal, name, address, **more)
        self.records, self.received = [], b""

    def services(self):
        from bumble.gatt import CharacteristicValue
        return [Service("FFF0", [characteristic("FFF1", "notify"), characteristic(
            "FFF2", "write write_without_response", CharacteristicValue(write=self._written))])]

    async def measure(self, systolic, diastolic, pulse, at=None, flags=0x80):
        self.records.append(record(systolic, diastolic, pulse, at or datetime.datetime.now(), flags))
        await self.advertise()
        return self.records[-1]

    def commands(self, since=0):
        return [event["command"] for event in self.events("command", since=since)]

    def linked(self):
        self.received = b""

    def _written(self, connection, value):
        self.received += bytes(value)
        while len(self.received) >= 4:
            size = 4 + struct.unpack_from(">H", self.received, 2)[0]
            if len(self.received) < size:
                return
            one, self.received = self.received[:size], self.received[size:]
            if one != message(0xFF, one[4:-1]):
                self.say("error", what=f"not a request: {one.hex()}")
                continue
            self.say("command", command=one[4], frame=one.hex())
            self.spawn(self._answer(one[4:-1]))

    async def _answer(self, payload):
        await asyncio.sleep(0.01)
        if payload == b"\x04":
            self._wanted = False
            self.say("closed")
            return await self.hang_up()
        if payload == bytes(7) + b"\xFD":
            answer = bytes([0, 0, 0, len(self.records)]) + bytes(34) + b"".join(self.records)
        elif payload[:1] == b"\x0D":
            answer = b"\x81"
        elif payload == b"\x05":
            # User 1 is chosen; the names that both have given themselves, 20 letters each.
            answer = b"\x05\x01" + b" " * 20 + b"\0" + b" " * 20 + b"\0\0"
        else:
            return
        whole = message(0x3A, answer)
        for place in range(0, len(whole), 20):
            self.notify("FFF1", whole[place:place + 20])
