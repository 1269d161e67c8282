"""Descriptors that lie, reports longer or shorter than declared, stalls, silence: a reason in bounded time, a healthy daemon."""
import re
import struct

from footprint import held, holds_what_it_held
from usb_devices.omron_hid import ENDPOINTS, HID, INTERFACE, OmronHID, record

LIMIT = 600
BANK = [record(2026, 3, 4, 5, 6, 7, 131, 82, 64)]


class Strange(OmronHID):
    """Says each report in another way."""

    def __init__(self, name, journal, report):
        super().__init__(name, journal, [list(BANK), None])
        self.report = report

    def push(self, endpoint, data):
        super().push(endpoint, self.report(data))


class Lying(OmronHID):
    """Its configuration is not what it says."""

    def __init__(self, name, journal, configuration):
        super().__init__(name, journal, [list(BANK), None])
        self.configuration = configuration


class Endless(OmronHID):
    """Says that it has more records than it gives, and gives none."""

    def _answer_to(self, name, heard):
        return b"NO" if name == "GME" else super()._answer_to(name, heard)


def configuration(body, total=None, interfaces=1):
    return bytes([9, 2]) + struct.pack("<H", 9 + len(body) if total is None else total) + bytes(
        [interfaces, 1, 0, 0x80, 50]) + body


# Nothing can be read of these; what is asked of the daemon is that it goes on.
CONFIGURATIONS = {
    "longer than it is": configuration(INTERFACE + HID + ENDPOINTS, total=400),
    "without endpoints": configuration(bytes([9, 4, 0, 0, 0, 3, 0, 0, 0]) + HID),
    "of interfaces that are not there": configuration(INTERFACE + HID + ENDPOINTS, interfaces=9),
    "with a descriptor of length 0": configuration(INTERFACE + b"\0\x21" + ENDPOINTS),
    "with endpoints that carry nothing": configuration(
        INTERFACE + HID + bytes([7, 5, 0x81, 3, 0, 0, 10]) + bytes([7, 5, 0x02, 3, 0, 0, 10])),
    "cut off": configuration(INTERFACE + HID + ENDPOINTS)[:20],
}

# What is said of a visit to each.
REPORTS = {
    "longer than declared": (lambda data: data + bytes(8), "no answer|sent more"),
    "empty": (lambda data: b"", "no answer|damaged"),
    "of one octet": (lambda data: data[:1], "no answer|damaged"),
    "that count more than they hold": (lambda data: b"\xff" + data[1:], "no answer|damaged"),
    "of zeros": (lambda data: bytes(8), "no answer|damaged"),
}


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    good = OmronHID("good", lab.journal, [list(BANK), None])

    async def reads_the_good_one():
        begin = lab.journal.here
        await good.plug()
        await lab.event(good, "asked", since=begin, command="END", limit=60)
        await lab.readings_become(1)
        await good.unplug()
    await reads_the_good_one()
    before = held(lab.daemon.pid)

    cases = 0
    for what, octets in CONFIGURATIONS.items():
        lab.say(f"a configuration {what}")
        bad = Lying("lying", lab.journal, octets)
        await bad.plug()
        await reads_the_good_one()
        await bad.unplug()
        cases += 1
    for what, (report, reason) in REPORTS.items():
        lab.say(f"reports {what}")
        await ends_with(lab, Strange("strange", lab.journal, report), reason)
        cases += 1

    lab.say("records that are counted and not given")
    await ends_with(lab, Endless("endless", lab.journal, [list(BANK), None]), "not given|refused|damaged|no answer|failed")
    lab.say("NAK for ever")
    silent = OmronHID("silent", lab.journal, [list(BANK), None])
    silent.silent = True
    await ends_with(lab, silent, "no answer")
    cases += 2

    lab.say("stalls in turn: asked again")
    stalled = OmronHID("stalled", lab.journal, [list(BANK), None])
    places = range(0, 20, 1 if lab.long else 5)
    for place in places:
        begin = lab.journal.here
        stalled.transfers, stalled.stall_at = 0, {place}
        await stalled.plug()
        await lab.event(stalled, "asked", since=begin, command="END", limit=90)
        await stalled.unplug()
        cases += 1

    await reads_the_good_one()
    await lab.readings_become(1)
    lab.check(lab.daemon.running, "the daemon runs")
    lab.round(cases, cases, "cases")
    await holds_what_it_held(lab, before, cases)


async def ends_with(lab, device, reason):
    """A visit to it ends, within a time that has a bound, with a reason in the daemon's log."""
    begin = len(lab.daemon.log())
    await device.plug()

    def said():
        # Of a device that was there before it may still be said that it went.
        ends = [line for line in lab.daemon.log()[begin:].splitlines() if "ended:" in line or "not read" in line]
        return next((line for line in ends if re.search(reason, line, re.IGNORECASE)), None)
    await lab.until(said, 90, f"a visit that ended with '{reason}' in the log")
    await device.unplug()
