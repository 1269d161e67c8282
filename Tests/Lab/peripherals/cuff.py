"""A blood-pressure cuff: Blood Pressure Service 0x1810, Device Information, Battery, Date Time.

It keeps readings in its memory until each is confirmed, sends them oldest first as soon as it may (subscribed, and
encrypted where it asks for that), and advertises while it has something to send, is in pairing mode, or its window lasts.
"""
import datetime
import struct

from .peripheral import LinkLost, Pairing, Peripheral, Service, characteristic

FEATURE = 0x0027  # body movement, cuff fit, irregular pulse, measurement position
# The order of the characteristics in the Blood Pressure Service. In the second one the handle that was the measurement's
# is the intermediate cuff pressure's, whose frame looks the same: a stale cache would believe it.
DATABASES = {1: ("2A35", "2A36", "2A49"), 2: ("2A36", "2A35", "2A49")}


def reading(systolic=128, diastolic=81, mean=97, *, at=None, pulse=71, user=1, status=None, kilopascal=False):
    """The bytes of 0x2A35. `at`: the device's own time (a datetime) or None for no time stamp; numbers are whole."""
    flags = (kilopascal << 0) | ((at is not None) << 1) | ((pulse is not None) << 2) | ((user is not None) << 3) \
        | ((status is not None) << 4)
    value = struct.pack("<BHHH", flags, systolic, diastolic, mean)
    if at is not None:
        value += struct.pack("<HBBBBB", at.year, at.month, at.day, at.hour, at.minute, at.second)
    if pulse is not None:
        value += struct.pack("<H", pulse)
    if user is not None:
        value += bytes([user])
    if status is not None:
        value += struct.pack("<H", status)
    return value


class Cuff(Peripheral):
    advertised = (0x1810,)

    def __init__(self, radio, journal, name="LAB-BPM", address="F0:F1:F2:F3:F4:F5", *, pairing=None, secure=None,
                 database=1, clock_offset=0.0, has_clock=True, forgets=False, hangs_up=False, battery=87, serial="0001",
                 **more):
        """`secure`: asks for encryption (default: if it can pair). `clock_offset`: seconds its clock is ahead of the
        machine's. `forgets`: what was not confirmed when its window closes is lost. `hangs_up`: it ends the link itself
        after the last confirmation."""
        super().__init__(radio, journal, name, address, pairing=pairing, **more)
        self.secure = self.pairing.possible if secure is None else secure
        self.database, self.clock_offset, self.has_clock = database, clock_offset, has_clock
        self.forgets, self.hangs_up, self.battery, self.serial = forgets, hangs_up, battery, serial
        self.memory = []
        self.sending = None
        self.announce_change = self.decoy = None

    def now(self):
        """What the cuff's clock shows: local time, no zone."""
        return (datetime.datetime.now() + datetime.timedelta(seconds=self.clock_offset)).replace(microsecond=0)

    def services(self):
        protect = {"secure": self.secure, "authenticated": self.secure and bool(self.pairing.passkey)}
        kinds = {
            "2A35": lambda: characteristic("2A35", "indicate", **protect),
            "2A36": lambda: characteristic("2A36", "notify", **protect),
            "2A49": lambda: characteristic("2A49", "read", struct.pack("<H", FEATURE)),
        }
        blood_pressure = [kinds[uuid]() for uuid in DATABASES[self.database]]
        if self.has_clock:
            blood_pressure.append(characteristic("2A08", "read write", self._clock()))
        information = [characteristic(uuid, "read", value) for uuid, value in (
            ("2A29", b"Lab Instruments"), ("2A24", b"LAB-BPM 1"), ("2A25", self.serial.encode()), ("2A26", b"1.0.3"),
            ("2A23", bytes.fromhex("f5f4f3feff") + bytes.fromhex("f2f1f0")))]
        return [Service("1810", blood_pressure), Service("180A", information),
                Service("180F", [characteristic("2A19", "read notify", bytes([self.battery]))])]

    def _clock(self):
        from bumble.gatt import CharacteristicValue

        def read(connection):
            now = self.now()
            return struct.pack("<HBBBBB", now.year, now.month, now.day, now.hour, now.minute, now.second)

        def write(connection, value):
            self.say("clock set", value=value.hex())
            if len(value) == 7:
                year, month, day, hour, minute, second = struct.unpack("<HBBBBB", value)
                told = datetime.datetime(year, month, day, hour, minute, second)
                self.clock_offset = (told - datetime.datetime.now()).total_seconds()
                self.clock_set()
        return CharacteristicValue(read=read, write=write)

    # What a person does with it

    async def measure(self, systolic=128, diastolic=81, mean=97, *, window=None, stamped=True, at=None, **more):
        """Take a reading and advertise. Gives its bytes. `stamped=False`: without a time stamp."""
        at = (at or self.now()) if stamped else None
        value = reading(systolic, diastolic, mean, at=at, **more)
        await self.remember([value], window)
        return value

    async def remember(self, values, window=None):
        """Put readings into the memory (oldest first) and advertise."""
        self.memory += values
        self.say("measured", values=[value.hex() for value in values])
        if self.connection:
            self._send_memory()
        await self.advertise(window)

    def burst(self, count, first=None, apart=61, systolic=110):
        """`count` stored readings, each with its own device time `apart` seconds after the one before."""
        first = first or self.now() - datetime.timedelta(seconds=apart * count)
        return [reading(systolic + i % 60, 70 + i % 20, 85 + i % 20, at=first + datetime.timedelta(seconds=apart * i),
                        pulse=60 + i % 40) for i in range(count)]

    async def pairing_mode(self):
        """Advertise, also with nothing to send, until a link has come and gone."""
        await self.advertise()

    async def change_database(self, database, announce=True, decoy=True):
        """New firmware: other handles, another hash. `announce`: Service Changed to bonded peers that asked for it.
        `decoy`: before the next reading, an intermediate pressure on the handle that was the measurement's."""
        old = self.handle_of("2A35") if self.device else None
        await self.off()
        self.database = database
        self.announce_change = announce
        await self.on()
        self.decoy = old if decoy else None
        self.say("database changed", hash=self.database_hash())

    def database_hash(self):
        class Asker:  # only the device behind the connection is asked for
            device = self.device
        return self.generic.get_database_hash(Asker).hex() if self.hash else None

    # What it does by itself

    def still_wanted(self):
        return bool(self.memory) and self._wanted

    def clock_set(self):
        """The peer has set its clock."""

    def window_over(self):
        self._forget()

    def gone(self):
        if not self._wanted:  # its window closed while it was linked
            self._forget()

    def _forget(self):
        if self.forgets and self.memory and self.connection is None:
            self.say("forgot", values=[value.hex() for value in self.memory])
            self.memory.clear()

    def encrypted(self):
        self._send_memory()

    def subscribed(self, uuid, notify, indicate):
        if uuid == "2A35" and indicate:
            self._send_memory()

    def _send_memory(self):
        if self.sending is None or self.sending.done():
            self.sending = self.spawn(self._sender())

    async def _sender(self):
        if self.announce_change and self.subscription("2A05") & 2:
            self.announce_change = None
            await self.indicate("2A05", struct.pack("<HH", 0x0001, 0xFFFF))
        if self.decoy and self.subscription("2A35") & 2:
            self.notify("2A36", reading(222, 111, 150, at=self.now()), handle=self.decoy)
            self.decoy = None
        if not self.memory:
            return
        while self.memory and self.subscription("2A35") & 2:
            if self.secure and not (self.connection and self.connection.encryption):
                return
            value = self.memory[0]
            await self.indicate("2A35", value)
            if self.memory and self.memory[0] == value:
                del self.memory[0]
        if not self.memory:
            self.say("memory sent")
            if self.hangs_up:
                await self.hang_up()


__all__ = ["Cuff", "LinkLost", "Pairing", "reading"]
