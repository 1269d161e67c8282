"""A&D UA-651BLE: the standard service with a short temper.

Facts: andengineering/AndroidSampleCode (BleReceivedService, issue 1), weliem/blessed-bluez issue 26. It is off when its
clock is not set and its subscription not written within 5 s of the link, or (E10) when discovery begins at once; what it
has stored comes oldest first; it is off about a minute after the link.
"""
import asyncio
import struct

from .cuff import Cuff

# Made in the factory: no number in it.
TEST_RECORD = bytes.fromhex("04ff07ff07ff07ff07")
DISCOVERY = (0x04, 0x06, 0x08, 0x10)


class UA651(Cuff):
    """`window`, `patience`: seconds from the link until both writings are there, and until discovery may begin."""

    def __init__(self, radio, journal, name="A&D_UA-651BLE_0A0B0C", address="F0:F1:F2:F4:00:10", *, window=5.0,
                 patience=0.5, awake=60.0, **more):
        super().__init__(radio, journal, name, address, hash=False, keeps_subscriptions=False, **more)
        self.window, self.patience, self.awake = window, patience, awake
        self.linked_at = None
        self.clock_written = self.was_subscribed = False
        self.timers = []

    def linked(self):
        loop = asyncio.get_running_loop()
        self.linked_at, self.clock_written, self.was_subscribed = loop.time(), False, False
        self.timers = [loop.call_later(self.window, self._window_closes),
                       loop.call_later(self.awake, self._power_off, "a minute has gone")]

    def gone(self):
        for timer in self.timers:
            timer.cancel()
        super().gone()

    def _received(self, connection_handle, pdu):
        if pdu[0] in DISCOVERY and asyncio.get_running_loop().time() - self.linked_at < self.patience:
            self._power_off("E10")
        else:
            super()._received(connection_handle, pdu)

    def _window_closes(self):
        if not (self.clock_written and self.was_subscribed):
            self._power_off("not ready in time")

    def _power_off(self, reason):
        self.say("powered off", reason=reason)
        self._wanted = False
        self.spawn(self.hang_up())

    def still_wanted(self):
        return self._wanted and bool(self.memory)

    def clock_set(self):
        self.clock_written = True
        seconds = asyncio.get_running_loop().time() - self.linked_at
        self.say("ready", what="clock", after=round(seconds, 2))
        self._send_memory()

    def subscribed(self, uuid, notify, indicate):
        if uuid == "2A35" and indicate:
            self.was_subscribed = True
            seconds = asyncio.get_running_loop().time() - self.linked_at
            self.say("ready", what="subscription", after=round(seconds, 2))
        super().subscribed(uuid, notify, indicate)

    def _send_memory(self):
        if self.clock_written:
            super()._send_memory()


def user_reading(systolic, diastolic, pulse, at, status=0):
    """As this cuff says it: no mean (NaN), a time stamp, pulse and status, no user."""
    return struct.pack("<BHHHHBBBBBHH", 0x16, systolic, diastolic, 0x07FF, at.year, at.month, at.day, at.hour, at.minute,
                       at.second, pulse, status)
