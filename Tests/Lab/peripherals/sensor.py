"""A heart-rate sensor that says its rate in its advertisements, as Polar's do, and takes no link."""
import asyncio

from bumble import ll
from bumble.core import AdvertisingData
from bumble.hci import Address

from .peripheral import Peripheral


class Sensor(Peripheral):
    """`rate`: beats a minute, None without skin contact. Each second is a new measurement with the next counter; each
    measurement is advertised several times. Manufacturer data (company 0x006B): flags (bit 0, bit 1 contact, bits 2 to 4
    the counter, bit 5), a word on the sensor, the quick rate, the slow one."""

    def __init__(self, radio, journal, name="Polar LAB 61", address="E0:E1:E2:E3:E4:61", *, rate=70, **more):
        super().__init__(radio, journal, name, address, **more)
        self.rate, self.measured, self.beating = rate, 0, None

    def services(self):
        return []

    def manufacturer_data(self):
        flags = 0x21 | (0x02 if self.rate else 0) | (self.measured % 8) << 2
        return bytes([0x6B, 0x00, flags, 0x16, (self.rate or 60) - 2, self.rate or 60])

    def advertising_data(self):
        return bytes(AdvertisingData([
            (AdvertisingData.FLAGS, b"\x06"),
            (AdvertisingData.MANUFACTURER_SPECIFIC_DATA, self.manufacturer_data()),
            (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode())]))

    async def advertise(self, window=None):
        if self.device is None:
            await self.on()
        if self.beating is None:
            self.beating = self.spawn(self._beats())
            self.say("advertising")

    async def stop_advertising(self):
        if self.beating:
            self.beating.cancel()
            self.beating = None
            self.say("stopped advertising")

    async def off(self):
        await self.stop_advertising()
        await super().off()

    async def _beats(self):
        due = asyncio.get_running_loop().time()
        while True:
            # Past the controller's advertiser, which would take a connect request: nobody is at home for one.
            for _ in range(5):
                self.controller.send_advertising_pdu(ll.AdvInd(
                    advertiser_address=Address(self.address), data=self.advertising_data()))
                due += 0.2
                await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
            self.measured += 1
