"""A device of the USB class Personal Healthcare (PHDC 1.0) with the agent of peripherals/x73_agent.py in it. Descriptors from
the class definition's facts, never from the gateway's code."""
import asyncio
import struct

from peripherals.x73_agent import X73Agent

from .usbip import Device, Stall

PACKET = 64
# Messages of 11073-20601, no preamble; one specialisation, 4103 blood pressure; QoS behind each endpoint.
CLASS_FUNCTION = bytes([4, 0x20, 2, 0])
FUNCTION_EXTENSION = bytes([6, 0x30, 0, 1]) + struct.pack("<H", 4103)
ENDPOINTS = (bytes([7, 5, 0x81, 2]) + struct.pack("<H", PACKET) + bytes([0, 4, 0x21, 1, 0x10])
             + bytes([7, 5, 0x02, 2]) + struct.pack("<H", PACKET) + bytes([0, 4, 0x21, 1, 0x10]))


def configuration(class_descriptors):
    body = bytes([9, 4, 0, 0, 2, 0x0F, 0, 0, 0]) + class_descriptors + ENDPOINTS
    return bytes([9, 2]) + struct.pack("<H", 9 + len(body)) + bytes([1, 1, 0, 0x80, 50]) + body


class PersonalHealthDevice(Device):
    """Plugged in, it associates. `report(n)` measures; `release()` ends the association. Measurements that were not answered
    are sent again in the next one, and so is its memory."""

    descriptor = bytes([18, 1, 0x00, 2, 0, 0, 0, 64]) + struct.pack("<HHH", 0x1209, 0x0F0F, 0x0100) + bytes([1, 2, 0, 1])
    configuration = configuration(CLASS_FUNCTION + FUNCTION_EXTENSION)
    strings = {1: "Example", 2: "Example cuff"}

    def __init__(self, name, journal, split=None, merge=False, **agent):
        super().__init__(name, journal)
        self.agent = X73Agent(**agent)
        self.split = split          # an APDU is cut into transfers of so many octets
        self.merge = merge          # the APDUs of one answer leave as one transfer
        self.again = 0.2            # seconds from an abort to the next association
        self.measured = []          # in their order; as many of them are answered as the agent has seen confirmed
        self.fresh()

    def fresh(self):
        self._heard, self._queue = b"", []
        self._forget()

    def _forget(self):
        """What was under way is gone; what was measured and not answered is still to be said."""
        agent = self.agent
        agent.state, agent.open, agent.transfer, agent.waiting = "unassociated", None, None, []
        for number in self.measured[agent.seen["confirmed"]:]:
            agent.report(number)

    async def plug(self):
        await super().plug()
        self.associate()

    def associate(self):
        if self.is_plugged and self.agent.state == "unassociated":
            self._forget()
            self._hand(self.agent.start())

    def report(self, number):
        self.measured.append(number)
        self._hand(self.agent.report(number))

    def release(self):
        self._hand(self.agent.release())

    # The bulk pipes

    def out(self, endpoint, data):
        if endpoint != 2:
            raise Stall
        self._heard += data
        while len(self._heard) >= 4:
            size = 4 + struct.unpack(">H", self._heard[2:4])[0]
            if len(self._heard) < size:
                return
            apdu, self._heard = self._heard[:size], self._heard[size:]
            before, confirmed = self.agent.state, self.agent.seen["confirmed"]
            entries = self.agent.seen["confirmedEntries"]
            self.write("apdu", choice=apdu[:2].hex(), octets=len(apdu))
            try:
                answers = self.agent.receive(apdu)
            except AssertionError as reason:
                self.write("error", reason=f"the manager said what it may not say: {reason}")
                raise Stall from None
            if self.agent.seen["confirmed"] > confirmed:
                self.write("confirmed", number=self.measured[confirmed])
            if self.agent.seen["confirmedEntries"] > entries:
                self.write("entries", confirmed=self.agent.seen["confirmedEntries"])
            self._hand(answers)
            if self.agent.state == "operating" and before != "operating":
                self.write("operating", configurations=self.agent.seen["configurations"])
            if apdu[:2] == b"\xe6\x00" or any(answer[:2] == b"\xe6\x00" for answer in answers):
                self.write("aborted", state=before)
                asyncio.get_running_loop().call_later(self.again, self.associate)

    def _hand(self, apdus):
        whole = [b"".join(apdus)] if self.merge and apdus else apdus
        for message in whole:
            step = self.split or len(message)
            for start in range(0, len(message), step):
                self._transfer(message[start:start + step])

    def _transfer(self, data):
        """Whole packets and a shorter one, which may be empty, end a transfer."""
        self._queue.append(data)
        self._pump()

    def _pump(self):
        asked = self._asked.get(1)
        while asked and self._queue:
            number, room = asked.pop(0)
            self._give(number, room, self._take(room))

    def _take(self, room):
        data = self._queue[0]
        if len(data) < room or (len(data) == room and len(data) % PACKET):
            return self._queue.pop(0)
        self._queue[0] = data[room:]  # an empty rest is the packet that ends it
        return data[:room]

    def _submitted(self, number, direction, endpoint, room, data, setup):
        if endpoint == 1 and direction and self._queue:
            if self._count():
                self._give(number, room, self._take(room))
            return
        super()._submitted(number, direction, endpoint, room, data, setup)
