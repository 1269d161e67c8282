"""Pulse oximeters with the standard service 0x1822: stored spot checks, or a stream.

Facts: Bluetooth SIG, Pulse Oximeter Service 1.0.1. A spot check: flags, SpO2, pulse rate, time stamp; what is stored is
reported when the Record Access Control Point asks for it, and stays stored.
"""
import asyncio
import struct

from .peripheral import LinkLost, Peripheral, Service, characteristic


def spot_check(saturation, pulse, at):
    return struct.pack("<BHHHBBBBB", 0x01, saturation, pulse, at.year, at.month, at.day, at.hour, at.minute, at.second)


class SpotOximeter(Peripheral):
    advertised = (0x1822,)

    def __init__(self, radio, journal, name="LAB-SPOT", address="F0:F1:F2:F4:00:20", **more):
        super().__init__(radio, journal, name, address, **more)
        self.records = []
        self.reporting = None

    def services(self):
        from bumble.gatt import CharacteristicValue
        return [Service("1822", [
            characteristic("2A5E", "indicate"), characteristic("2A60", "read", b"\x00\x00"),
            characteristic("2A52", "write indicate", CharacteristicValue(write=self._control))]),
            Service("180F", [characteristic("2A19", "read", bytes([91]))])]

    async def remember(self, records):
        self.records += records
        await self.advertise()

    def _control(self, connection, value):
        self.say("record access", command=value.hex())
        self.reporting = self.spawn(self._report(bytes(value)))

    async def _report(self, command):
        await asyncio.sleep(0.01)
        if command != b"\x01\x01":
            return await self.indicate("2A52", bytes([6, 0, command[0], 2]))  # op code not supported
        for record in list(self.records):
            await self.indicate("2A5E", record)
        self._wanted = False
        await self.indicate("2A52", bytes([6, 0, 1, 1 if self.records else 6]))
        self.say("reported", count=len(self.records))


class StreamOximeter(Peripheral):
    """`values`: saturation and pulse rate, one pair a second, again and again."""
    advertised = (0x1822,)

    def __init__(self, radio, journal, name="LAB-STREAM", address="F0:F1:F2:F4:00:21", *, values=((97, 70),), **more):
        super().__init__(radio, journal, name, address, **more)
        self.values, self.streaming = values, None
        self.sent = 0

    def services(self):
        return [Service("1822", [characteristic("2A5F", "notify"), characteristic("2A60", "read", b"\x00\x00")])]

    def subscribed(self, uuid, notify, indicate):
        if uuid == "2A5F" and notify and (self.streaming is None or self.streaming.done()):
            self.streaming = self.spawn(self._stream())

    async def _stream(self):
        try:
            while self.subscription("2A5F") & 1:
                saturation, pulse = self.values[self.sent % len(self.values)]
                self.notify("2A5F", struct.pack("<BHH", 0, saturation, pulse))
                self.sent += 1
                await asyncio.sleep(1)
        except LinkLost:
            pass
