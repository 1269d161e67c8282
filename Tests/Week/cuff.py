"""A cuff: an ATT server over one channel, and a memory that forgets a reading only when it was confirmed.

From the Core Specification (Vol 3 Part F: the attribute protocol; Part G: GATT) and the Blood Pressure Service 1.1.1, not
from our own code.
"""
import asyncio
import contextlib
import struct

from air import REMOTE, TIMEOUT

PRIMARY, CHARACTERISTIC, CCCD = 0x2800, 0x2803, 0x2902
READ, WRITE, INDICATE = 0x02, 0x08, 0x20


def reading(systolic, diastolic, pulse, at):
    """0x2A35: mmHg, with time stamp, pulse and status."""
    return struct.pack("<BHHHHBBBBBHH", 0x16, systolic, diastolic, (systolic + 2 * diastolic) // 3, at.year, at.month, at.day,
                       at.hour, at.minute, at.second, pulse, 0)


class Cuff:
    def __init__(self, air, address, name, ledger):
        self.air, self.address, self.name, self.ledger = air, address, name, ledger
        self.key = bytes(range(16, 32))
        self.bonded = False
        self.memory, self.sent = [], []
        self.channel = self.task = None
        self.asleep = True
        self.subscribed = 0
        self.waiting = None  # the indication that is out
        # What goes wrong with it
        self.cut_after = None  # indications, after which the link is lost before the confirmation
        self.cut_confirmed = None  # confirmations, after which the link is lost
        self.deaf = False  # the link is lost as the confirmation arrives: the cuff does not see it
        self.doubles = False  # every indication is sent twice
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
        add(PRIMARY, struct.pack("<H", 0x1810))
        self.measurement = characteristic(0x2A35, INDICATE, b"", False)
        self.descriptor = add(CCCD, b"\0\0")
        characteristic(0x2A49, READ, b"\0\0")
        add(PRIMARY, struct.pack("<H", 0x180A))
        characteristic(0x2A29, READ, b"Week Instruments")
        characteristic(0x2A25, READ, self.address.replace(":", "").encode())
        add(PRIMARY, struct.pack("<H", 0x180F))
        characteristic(0x2A19, READ, bytes([87]))
        return rows

    # What a person does with it

    def measure(self, value):
        self.memory.append(value)
        self.wake()

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
        return b"\x02\x01\x06" + b"\x03\x03\x10\x18" + bytes([len(name) + 1, 9]) + name

    # The link

    def link(self, air):
        if self.channel:
            return True
        self.channel = air.connect(self)
        if not self.channel:
            return False
        self.waiting, self.indications, self.confirmations = None, 0, 0
        if not self.bonded:
            self.subscribed = 0
        self.task = asyncio.create_task(self._serve(self.channel))
        # A bonded client's subscription is kept (Vol 3 Part G 3.3.3.3).
        self._send_next()
        return True

    def cut(self, reason=TIMEOUT):
        channel, self.channel = self.channel, None
        if channel:
            self.waiting = None
            asyncio.get_running_loop().remove_reader(channel)
            if self.task is not asyncio.current_task():
                self.task.cancel()
            with contextlib.suppress(OSError):
                channel.shutdown(2)
            channel.close()
            self.air.disconnected(self, reason)
        if not self.memory:
            self.asleep = True

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
                    self._send_next()
        if self.channel is channel:
            self.cut(REMOTE)

    def _answer(self, pdu):
        code = pdu[0]
        if code == 0x1E:
            return self._confirmed()
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

    # Readings

    def _send_next(self):
        if not (self.channel and self.subscribed & 2 and self.memory) or self.waiting:
            return
        self.waiting = self.memory[0]
        self.indications += 1
        pdu = struct.pack("<BH", 0x1D, self.measurement) + self.waiting
        with contextlib.suppress(OSError):
            self.channel.send(pdu)
        if self.cut_after is not None and self.indications > self.cut_after:
            self.cut_after = None
            self.cut()

    def _confirmed(self):
        if not self.waiting:
            return
        if self.deaf:
            self.deaf = False
            return self.cut()
        value, self.waiting = self.waiting, None
        self.confirmations += 1
        self.ledger.confirmed(self, value)
        if self.doubles and self.memory.count(value) == 1 and value not in self.sent[-1:]:
            # Not taken off yet: it comes once more.
            self.sent.append(value)
        else:
            self.memory.remove(value)
            if value not in self.sent[-1:]:
                self.sent.append(value)
        if self.cut_confirmed is not None and self.confirmations > self.cut_confirmed:
            self.cut_confirmed = None
            return self.cut()
        self._send_next()

    def reboot(self, count):
        """Its battery was changed: what it has sent lately it holds for unsent."""
        self.cut()
        again = [value for value in self.sent[-count:] if value not in self.memory]
        self.memory = again + self.memory
        self.doubles = False
