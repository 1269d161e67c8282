"""Omron cuffs whose memory is read over the maker's own service.

Facts: userx14/omblepy (omblepy.py, sharedDriver.py, deviceSpecific/), eigger/hass-omron (device_catalog.py, unlock.py,
record_parsers.py; pull request 136: some lose their bond when a CCCD is cleared). A channel carries 16 octets; a classic
cuff has four each way, a modern one sends a whole frame on one.
"""
import asyncio
import dataclasses
import datetime
import functools
import operator
import struct

from .peripheral import Peripheral, Service, characteristic

SERVICES = {"classic": "ECBE3980C9A211E1B1BD0002A5D5C51B", "modern": "FE4A"}
FROM_CUFF = ["49123040AEE811E1A74D0002A5D5C51B", "4D0BF320AEE811E1A0D90002A5D5C51B",
             "5128CE60AEE811E1B84B0002A5D5C51B", "560F1420AEE811E181840002A5D5C51B"]
TO_CUFF = ["DB5B55E0AEE711E1965E0002A5D5C51B", "E0B8A060AEE711E192F40002A5D5C51B",
           "0AE12B00AEE811E1A1920002A5D5C51B", "10E1BA60AEE811E189E50002A5D5C51B"]
LOCK = "B305B680AEE711E1A7300002A5D5C51B"


@dataclasses.dataclass(frozen=True)
class Model:
    """What is where in a cuff's memory. `users`: (start, slots). `clock`: where the six or more octets of it begin."""
    channels: str
    lock: str
    record: str
    users: tuple
    index: int
    clock: int
    clock_layout: str


HEM_7361T = Model("classic", "key", "le-16", ((0x0098, 100), (0x06D8, 100)), 0x0010, 0x003C, "modern-offset8")
HEM_7600T = Model("classic", "key", "be-14", ((0x02AC, 100),), 0x0260, 0x0274, "classic-mixed")
HEM_7142T2 = Model("modern", "token", "le-14", ((0x02E8, 14),), 0x0260, 0x028C, "modern-offset8")


def record(kind, systolic, diastolic, pulse, at, irregular=False, movement=False):
    """The octets of one slot, with the check octets that records of this kind were seen with."""
    if kind == "be-14":
        # Most significant bit first: bit 32 movement, 33 irregular pulse, then month, day, hour; from 52 minute, second.
        word = movement << 15 | irregular << 14 | at.month << 10 | at.day << 5 | at.hour
        value = struct.pack(">BBBBHH", diastolic, systolic - 25, at.year - 2000, pulse, word,
                            at.minute << 6 | at.second) + bytes(4)
        total = sum(value) & 0xFF
        return value + bytes([~total & 0xFF, total])
    word = at.hour | at.day << 5 | at.month << 10 | irregular << 14 | movement << 15
    value = struct.pack("<BBBBHH", systolic - 25, diastolic, pulse, at.year - 2000, word,
                        at.second | at.minute << 6) + bytes(4 if kind == "le-14" else 6)
    total = sum(value) & 0xFF
    return value + bytes([total, ~total & 0xFF])


def frame(kind, address, data, count=None):
    """length, type, address, count, data, 0, and what makes the XOR of all of it 0."""
    body = struct.pack(">BHHB", len(data) + 8, kind, address, len(data) if count is None else count) + data + b"\0"
    return body + bytes([functools.reduce(operator.xor, body)])


class Omron(Peripheral):
    """`trouble`: what to do to the next answers about the memory, one word each: "damage" (a wrong octet), "silence",
    "blank" (no data), or None."""
    advertised = (0x1810,)

    def __init__(self, radio, journal, name="BLESmart_LAB", address="F0:F1:F2:F4:00:01", *, model=HEM_7361T,
                 clock_offset=0.0, **more):
        super().__init__(radio, journal, name, address, **more)
        self.model, self.clock_offset = model, clock_offset
        self.memory = bytearray(b"\xFF" * 0x10000)
        self.written = [0] * len(model.users)
        self.unread = [0] * len(model.users)
        self.trouble = []
        self.programmable = True   # the P on its display blinks
        self.key = None
        self.preparing = self.open = self.unlocked = False
        self.bonds_lost = 0
        self.buffer = {}
        self._write_index()

    # What a person does with it

    def now(self):
        return (datetime.datetime.now() + datetime.timedelta(seconds=self.clock_offset)).replace(microsecond=0)

    def keep(self, user, value):
        """Put the octets of a record into the user's next slot."""
        start, slots = self.model.users[user - 1]
        place = start + self.written[user - 1] % slots * len(value)
        self.memory[place:place + len(value)] = value
        self.written[user - 1] += 1
        self.unread[user - 1] += 1
        self._write_index()
        self.say("measured", user=user, value=value.hex())
        return value

    async def measure(self, systolic, diastolic, pulse=70, user=1, at=None, **more):
        value = self.keep(user, record(self.model.record, systolic, diastolic, pulse, at or self.now(), **more))
        await self.advertise()
        return value

    async def pairing_mode(self):
        self.programmable = True
        await self.advertise()

    # Its memory

    def _write_index(self):
        # The slot to be written next of user 1 and 2, then how many each has unread.
        order = ">" if self.model.record.startswith("be") else "<"
        cursors = [self.written[i] % self.model.users[i][1] if i < len(self.written) else 0 for i in (0, 1)]
        unread = [self.unread[i] if i < len(self.unread) else 0 for i in (0, 1)]
        value = struct.pack(order + "HHHH", *cursors, *unread)
        if order == "<":
            value += bytes(8)
        self.memory[self.model.index:self.model.index + len(value)] = value

    def _write_clock(self):
        now = self.now()
        if self.model.clock_layout == "classic-mixed":
            value = bytes([8, 0xC8, now.month, now.year - 2000, now.hour, now.day, now.second, now.minute])
            value += bytes([sum(value) & 0xFF, 0])
        else:
            value = bytes(8) + bytes([now.year - 2000, now.month, now.day, now.hour, now.minute, now.second])
            value += bytes([sum(value) & 0xFF, 0])
        self.memory[self.model.clock:self.model.clock + len(value)] = value

    def services(self):
        from bumble.gatt import CharacteristicValue
        count = 4 if self.model.channels == "classic" else 1
        maker = [characteristic(uuid, "notify") for uuid in FROM_CUFF[:count]]
        maker += [characteristic(uuid, "write write_without_response", CharacteristicValue(
            write=functools.partial(self._command, channel))) for channel, uuid in enumerate(TO_CUFF[:count])]
        maker.append(characteristic(LOCK, "write write_without_response notify", CharacteristicValue(write=self._lock)))
        return [Service("180A", [characteristic("2A29", "read", b"Lab Instruments")]),
                Service("180F", [characteristic("2A19", "read", bytes([80]))]), Service(SERVICES[self.model.channels], maker)]

    # The lock

    def _lock(self, connection, value):
        self.say("lock", command=value[:1].hex(), octets=len(value))
        self.spawn(self._answer_lock(value, bool(connection.encryption)))

    async def _answer_lock(self, value, encrypted):
        await asyncio.sleep(0.01)  # after the write's own answer
        answer = None
        if value[0] == 0x11 and self.model.lock == "token" and len(value) == 20:
            self.unlocked = True
            answer = b"\x91\0" + value[1:5]
        elif self.model.lock == "key" and len(value) == 17:
            if value[0] == 0x02:
                self.preparing = self.programmable and encrypted
                answer = b"\x82\0" if self.preparing else b"\x82\x0F"
            elif value[0] == 0x00 and self.preparing:
                self.key, self.programmable, self.preparing = bytes(value[1:]), False, False
                self.say("key stored")
                answer = b"\x80\0"
            elif value[0] == 0x01:
                self.unlocked = encrypted and value[1:] == self.key
                answer = b"\x81\0" if self.unlocked else b"\x81\x0F"
        self.notify(LOCK, (answer or b"\xFF\x26").ljust(17, b"\0"))

    # Commands

    def _command(self, channel, connection, value):
        size = self.buffer.setdefault(channel, value) and self.buffer.get(0, b"\0")[0]
        whole = b"".join(self.buffer[c] for c in sorted(self.buffer))
        if len(whole) < size:
            return
        self.buffer = {}
        self.say("command", frame=whole[:size].hex())
        self.spawn(self._answer(whole[:size]))

    async def _answer(self, command):
        await asyncio.sleep(0.01)
        if not self.unlocked or functools.reduce(operator.xor, command):
            return self.say("ignored", frame=command.hex())
        kind, address, count = struct.unpack(">HHB", command[1:6])
        if kind == 0x0000:
            self.open = True
            answer = frame(0x8000, address, b"", count)
        elif kind == 0x0F00:
            self.open = False
            # All that was asked for is told: it goes to sleep.
            self._wanted = False
            answer = frame(0x8F00, 0, b"")
            self.say("closed")
        elif kind == 0x0100 and self.open:
            self._write_clock()
            answer = frame(0x8100, address, bytes(self.memory[address:address + count]))
            trouble = self.trouble.pop(0) if self.trouble else None
            if trouble:
                self.say("trouble", what=trouble, address=address)
            if trouble == "silence":
                return
            if trouble == "damage":
                answer = answer[:7] + bytes([answer[7] ^ 0x10]) + answer[8:]
            if trouble == "blank":
                answer = frame(0x8100, address, b"", count)
        else:
            # Nobody is to write to a cuff's memory; it is told apart from what a cuff of this kind has no answer to.
            return self.say("written to" if kind == 0x01C0 else "ignored", frame=command.hex())
        self._send_frame(answer)

    def _send_frame(self, answer):
        if self.model.channels == "modern":
            return self.notify(FROM_CUFF[0], answer)
        for channel in range((len(answer) + 15) // 16):
            self.notify(FROM_CUFF[channel], answer[channel * 16:channel * 16 + 16])

    def reads(self, since=0):
        """The places of the memory that were read: (address, count)."""
        frames = [bytes.fromhex(event["frame"]) for event in self.events("command", since=since)]
        return [struct.unpack(">HB", f[3:6]) for f in frames if f[1:3] == b"\x01\0"]

    # What it does by itself

    def linked(self):
        self.open = self.unlocked = self.preparing = False
        self.buffer = {}

    def cleared(self, uuid):
        self.bonds_lost += 1
        self.spawn(self._lose_bond())

    async def _lose_bond(self):
        self.say("bond lost", times=self.bonds_lost)
        await self.forget_bonds()
