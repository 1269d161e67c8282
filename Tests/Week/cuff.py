"""A cuff, with a memory that forgets a reading only when it was confirmed, and a strap, which has none: ATT servers over one
channel.

From the Core Specification (Vol 3 Part F: the attribute protocol; Part G: GATT) and the Blood Pressure Service 1.1.1, not
from our own code.
"""
import asyncio
import contextlib
import struct

from air import REMOTE, TIMEOUT

PRIMARY, CHARACTERISTIC, CCCD = 0x2800, 0x2803, 0x2902
READ, NOTIFY, INDICATE = 0x02, 0x10, 0x20


def reading(systolic, diastolic, pulse, at):
    """0x2A35: mmHg, with time stamp, pulse and status."""
    return struct.pack("<BHHHHBBBBBHH", 0x16, systolic, diastolic, (systolic + 2 * diastolic) // 3, at.year, at.month, at.day,
                       at.hour, at.minute, at.second, pulse, 0)


class Peripheral:
    # Of the subclass: its service, its measurement, and how that is sent
    service = measurement_type = properties = 0

    def __init__(self, air, address, name):
        self.air, self.address, self.name = air, address, name
        self.key = bytes(range(16, 32))
        self.bonded = False
        self.channel = self.task = None
        self.asleep = True
        self.subscribed = 0
        self.attributes = self._attributes()
        air.devices[address] = self

    def _attributes(self):
        """(handle, type, value, may be read) in order."""
        rows, handle = [], 0

        def add(kind, value, readable=True):
            nonlocal handle
            handle += 1
            rows.append([handle, kind, value, readable])
            return handle

        def characteristic(uuid, properties, value, readable=True):
            add(CHARACTERISTIC, struct.pack("<BHH", properties, handle + 2, uuid))
            return add(uuid, value, readable)

        add(PRIMARY, struct.pack("<H", 0x1800))
        characteristic(0x2A00, READ, self.name.encode())
        add(PRIMARY, struct.pack("<H", self.service))
        self.measurement = characteristic(self.measurement_type, self.properties, b"", False)
        self.descriptor = add(CCCD, b"\0\0")
        if self.service == 0x1810:
            characteristic(0x2A49, READ, b"\0\0")
        add(PRIMARY, struct.pack("<H", 0x180A))
        characteristic(0x2A29, READ, b"Week Instruments")
        characteristic(0x2A25, READ, self.address.replace(":", "").encode())
        add(PRIMARY, struct.pack("<H", 0x180F))
        characteristic(0x2A19, READ, bytes([87]))
        return rows

    def wake(self):
        self.asleep = False
        self.air.advertise()
        self.air.reach(self.address)

    @property
    def advertises(self):
        return not self.asleep

    @property
    def linked(self):
        return self.channel is not None

    def advertisement(self):
        name = self.name.encode()
        return b"\x02\x01\x06" + struct.pack("<BBH", 3, 3, self.service) + bytes([len(name) + 1, 9]) + name

    # The link

    def link(self, air):
        if self.channel:
            return True
        self.channel = air.connect(self)
        if not self.channel:
            return False
        self.begun()
        if not self.bonded:
            self.subscribed = 0
        self.task = asyncio.create_task(self._serve(self.channel))
        # A bonded client's subscription is kept (Vol 3 Part G 3.3.3.3).
        self.send_next()
        return True

    def cut(self, reason=TIMEOUT):
        channel, self.channel = self.channel, None
        if channel:
            asyncio.get_running_loop().remove_reader(channel)
            if self.task is not asyncio.current_task():
                self.task.cancel()
            with contextlib.suppress(OSError):
                channel.shutdown(2)
            channel.close()
            self.air.disconnected(self, reason)
        self.ended()

    def begun(self):
        """There is a link."""

    def ended(self):
        """There is none any more."""

    def send_next(self):
        """It may send."""

    def confirmed(self):
        """What is out has been confirmed."""

    async def _serve(self, channel):
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while self.channel is channel and (pdu := await loop.sock_recv(channel, 1024)):
                if self.channel is not channel:
                    return
                answer = self._answer(pdu)
                if answer:
                    channel.send(answer)
                if pdu[0] in (0x12, 0x52):
                    self.send_next()
        if self.channel is channel:
            self.cut(REMOTE)

    def _answer(self, pdu):
        code = pdu[0]
        if code == 0x1E:
            return self.confirmed()
        if code == 0x02:
            return struct.pack("<BH", 0x03, 247)
        if code in (0x08, 0x10) and len(pdu) == 7:
            first, last, kind = struct.unpack_from("<HHH", pdu, 1)
            return self._by_type(code, first, last, kind)
        if code == 0x04:
            first, last = struct.unpack_from("<HH", pdu, 1)
            rows = [row for row in self.attributes if first <= row[0] <= last][:50]
            if not rows:
                return self._error(code, first, 0x0A)
            return b"\x05\x01" + b"".join(struct.pack("<HH", row[0], row[1]) for row in rows)
        if code == 0x06:
            first, last, kind = struct.unpack_from("<HHH", pdu, 1)
            rows = [row for row in self.attributes if first <= row[0] <= last and row[1] == kind and row[2] == pdu[7:]]
            if not rows:
                return self._error(code, first, 0x0A)
            return b"\x07" + b"".join(struct.pack("<HH", row[0], self._end(row[0])) for row in rows)
        if code in (0x0A, 0x0C, 0x12, 0x52) and len(pdu) >= 3:
            handle = struct.unpack_from("<H", pdu, 1)[0]
            row = next((row for row in self.attributes if row[0] == handle), None)
            if row is None:
                return self._error(code, handle, 0x01)
            if code == 0x0A:
                value = struct.pack("<H", self.subscribed) if handle == self.descriptor else row[2]
                return b"\x0b" + value[:246] if row[3] else self._error(code, handle, 0x02)
            if code == 0x0C:
                offset = struct.unpack_from("<H", pdu, 3)[0]
                return b"\x0d" + row[2][offset:offset + 246]
            if handle != self.descriptor:
                return self._error(code, handle, 0x03) if code == 0x12 else None
            self.subscribed = struct.unpack_from("<H", pdu, 3)[0]
            return b"\x13" if code == 0x12 else None
        return None if code & 0x40 else self._error(code, 0, 0x06)

    def _by_type(self, code, first, last, kind):
        rows = [row for row in self.attributes if first <= row[0] <= last and row[1] == kind and row[3]]
        if not rows or (code == 0x10 and kind != PRIMARY):
            return self._error(code, first, 0x0A)
        rows = [row for row in rows if len(row[2]) == len(rows[0][2])][:20]
        if code == 0x10:
            body = [struct.pack("<HH", row[0], self._end(row[0])) + row[2] for row in rows]
            return bytes([0x11, len(body[0])]) + b"".join(body)
        body = [struct.pack("<H", row[0]) + row[2] for row in rows]
        return bytes([0x09, len(body[0])]) + b"".join(body)

    def _end(self, handle):
        later = [row[0] for row in self.attributes if row[1] == PRIMARY and row[0] > handle]
        return later[0] - 1 if later else self.attributes[-1][0]

    @staticmethod
    def _error(code, handle, error):
        return struct.pack("<BBHB", 0x01, code, handle, error)


class Cuff(Peripheral):
    service, measurement_type, properties = 0x1810, 0x2A35, INDICATE

    def __init__(self, air, address, name, ledger):
        super().__init__(air, address, name)
        self.ledger = ledger
        self.memory, self.sent = [], []
        self.waiting = None  # the indication that is out
        # What goes wrong with it
        self.cut_next = False  # the link is lost after the next indication
        self.deaf = False  # the link is lost as the next confirmation arrives: the cuff does not see it
        self.doubles = False  # every indication is sent twice

    # What a person does with it

    def measure(self, value):
        self.memory.append(value)
        self.wake()

    def reboot(self, count):
        """Its battery was changed: what it has sent lately it holds for unsent."""
        self.cut()
        self.memory = [value for value in self.sent[-count:] if value not in self.memory] + self.memory

    # What it does by itself

    def begun(self):
        self.waiting = None

    def ended(self):
        self.waiting = None
        self.asleep = not self.memory

    def send_next(self):
        if not (self.channel and self.subscribed & 2 and self.memory) or self.waiting:
            return
        self.waiting = self.memory[0]
        with contextlib.suppress(OSError):
            self.channel.send(struct.pack("<BH", 0x1D, self.measurement) + self.waiting)
        if self.cut_next:
            self.cut_next = False
            self.cut()

    def confirmed(self):
        if not self.waiting:
            return
        if self.deaf:
            self.deaf = False
            return self.cut()
        value, self.waiting = self.waiting, None
        self.ledger.confirmed(value)
        isNew = value not in self.sent
        if isNew:
            self.sent.append(value)
        if not (self.doubles and isNew):
            self.memory.remove(value)
        self.send_next()


class Strap(Peripheral):
    """Notifies its rate for as long as it is worn; what nobody hears is gone."""
    service, measurement_type, properties = 0x180D, 0x2A37, NOTIFY

    rate = None

    def put_on(self, rate):
        self.rate = rate
        self.wake()

    def take_off(self):
        self.rate, self.asleep = None, True
        self.cut(REMOTE)

    def send_next(self):
        if self.channel and self.rate and self.subscribed & 1:
            with contextlib.suppress(OSError):
                # Skin contact, and the rate as one octet (Heart Rate Service 1.0 3.1).
                self.channel.send(struct.pack("<BHBB", 0x1B, self.measurement, 0x06, self.rate))
