"""A chest strap: Heart Rate Service 0x180D, one notification a second while somebody is subscribed."""
import asyncio
import itertools
import struct

from .peripheral import LinkLost, Peripheral, Service, characteristic


class Strap(Peripheral):
    """`pattern`: (seconds, beats a minute) one after the other, again and again; None as the rate is skin contact lost,
    which is sent as such with a rate of zero, as straps do."""
    advertised = (0x180D,)

    def __init__(self, radio, journal, name="LAB-STRAP", address="E0:E1:E2:E3:E4:E5", *, pattern=((60, 72),), **more):
        super().__init__(radio, journal, name, address, **more)
        self.pattern = pattern
        self.beating = None
        self.sent = 0

    def services(self):
        return [Service("180D", [characteristic("2A37", "notify"), characteristic("2A38", "read", b"\x01")]),
                Service("180F", [characteristic("2A19", "read notify", bytes([64]))]),
                Service("180A", [characteristic("2A29", "read", b"Lab Instruments"),
                                 characteristic("2A24", "read", b"LAB-HR 1")])]

    def still_wanted(self):
        return self._wanted

    def encrypted(self):
        self._beat()

    def subscribed(self, uuid, notify, indicate):
        self._beat()

    def gone(self):
        if self.beating:
            self.beating.cancel()
            self.beating = None

    def _beat(self):
        if self.subscription("2A37") & 1 and (self.beating is None or self.beating.done()):
            self.beating = self.spawn(self._beats())

    async def _beats(self):
        seconds = itertools.chain.from_iterable(
            itertools.repeat(rate, count) for count, rate in itertools.cycle(self.pattern))
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            for rate in seconds:
                if not self.subscription("2A37") & 1:
                    return
                if rate is None:
                    value = bytes([0x04, 0])  # contact supported, not detected
                else:
                    value = struct.pack("<BBH", 0x16, rate, round(60 / rate * 1024))  # contact, one RR interval
                self.notify("2A37", value)
                self.sent += 1
                due += 1
                await asyncio.sleep(max(0, due - loop.time()))
        except LinkLost:
            pass
