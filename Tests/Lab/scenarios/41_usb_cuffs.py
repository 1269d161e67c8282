"""An Omron's memory and two Beurers on a cable: each read once, two at once, pulled out anywhere, silent."""
import re

from usb_devices.hid_cuffs import BeurerBM58, BeurerBM96, OmronMemory

LIMIT = 600

LAST = {"omron": "0F00", "bm58": "F7", "bm96": "F7"}
WORDS = {"omron": {"0000", "0100", "0F00"}, "bm58": {"AA", "A2", "A3", "F7"}, "bm96": {"AA", "A2", "A3", "F7"}}
EXPECTED = {
    "omron": [(128, 80, 64), (140, 85, 70), (151, 95, 71)],
    "bm58": [(129, 81, 65), (225, 90, 72)],
    "bm96": [(131, 78, 63), (152, 90, 71)],
}


def values(readings):
    return sorted(tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))
                  for reading in readings)


async def visited(lab, cuff, since):
    await lab.event(cuff, "asked", since=since, command=LAST[cuff.name], limit=60)


async def visit(lab, *cuffs):
    begin = lab.journal.here
    for cuff in cuffs:
        await cuff.plug()
    for cuff in cuffs:
        await visited(lab, cuff, begin)


def add(cuff, number):
    """One more reading, that of no other number below 90: its values."""
    minute, day, systolic = number % 60, 1 + number // 60, 101 + number
    if cuff.name == "omron":
        cuff.users[0].append(cuff.record(2026, 3, day, 10, minute, 0, systolic, 70, 60))
        return systolic, 70, 60
    if cuff.name == "bm58":
        cuff.records.append(cuff.record(1, 2026, 3, day, 10, minute, systolic, 71, 61))
        return systolic, 71, 61
    cuff.users[0].insert(0, cuff.row(2026, 3, day, 10, minute, systolic, 72, 62))  # so that the others move
    return systolic, 72, 62


async def scenario(lab):
    record, row = OmronMemory.record, BeurerBM96.row
    omron = OmronMemory("omron", lab.journal, [
        [record(2026, 2, 14, 11, 30, 5, 128, 80, 64), record(2026, 2, 14, 11, 31, 5, 140, 85, 70)],
        [record(2026, 2, 14, 11, 32, 5, 151, 95, 71)]])
    bm58 = BeurerBM58("bm58", lab.journal, [
        BeurerBM58.record(1, 2026, 2, 14, 11, 30, 129, 81, 65),
        BeurerBM58.record(2, 2026, 2, 15, 7, 45, 225, 90, 72, irregular=True)])
    bm96 = BeurerBM96("bm96", lab.journal, [
        [row(2026, 2, 14, 8, 5, 131, 78, 63), row(2026, 2, 15, 9, 0, 70, 0, 0, kind=2)],
        [row(2025, 12, 31, 23, 59, 152, 90, 71)]])
    cuffs = [omron, bm58, bm96]

    lab.say("a cuff that may be either of two models gives what is the first user's on both, and says why not more")
    await lab.vitalsd()
    await lab.patient()
    await omron.plug()
    readings = await lab.readings_become(2)
    lab.equal(values(readings), EXPECTED["omron"][:2], "readings of the first user")
    await lab.until(lambda: "constants.slots" in lab.daemon.log(), 60, "the remedy in the log")
    await omron.unplug()
    await lab.daemon.stop()

    lab.say("told which one it is, the rest; each device once")
    file = lab.profiles() / "omron/hem-7322u/profile.yaml"
    text = re.sub(r"(?m)^evidence: .*$", r"\g<0>\n\nconstants:\n  slots: 100", file.read_text())
    file.write_text(text + '  constants.slots: "the lab\'s cuff is a HEM-7322U"\n')
    await lab.daemon.start()
    expected = []
    for cuff in cuffs:
        await visit(lab, cuff)
        expected += EXPECTED[cuff.name]
        readings = await lab.readings_become(len(expected))
        lab.equal(values(readings), sorted(expected), "readings")
        await cuff.unplug()
    lab.equal([reading["flags"] for reading in readings if reading["flags"]], [["irregular-pulse"]], "flags")

    lab.say("two at once, and all again: nothing new")
    await visit(lab, bm58, bm96)
    await bm58.unplug()
    await visit(lab, omron)
    await bm96.unplug()
    await omron.unplug()
    await lab.readings_become(len(expected))

    lab.say("pulled out at transfers in turn")
    for cuff in cuffs:
        cuff.transfers = 0
        await visit(lab, cuff)
        await cuff.unplug()
        whole = cuff.transfers
        places = list(range(whole)) if lab.long else [0, whole // 2, whole - 2]
        for number, place in enumerate(places):
            if number < 90:  # as much as the cuffs hold
                expected.append(add(cuff, number))
            cuff.transfers, cuff.unplug_at = 0, place
            begin = lab.journal.here
            await cuff.plug()
            await lab.event(cuff, "pulled", since=begin, limit=60)
            await visit(lab, cuff)
            readings = await lab.readings_become(len(expected))
            lab.equal(values(readings), sorted(expected), f"readings after {cuff.name} was pulled at {place}")
            await cuff.unplug()
        lab.say("pulled", cuff=cuff.name, places=len(places))

    lab.say("a cuff that never answers does not keep the daemon, and its next visit completes")
    for cuff in (omron, bm96):
        cuff.silent = True
        seen = lab.daemon.log().lower().count("gave no answer")
        await cuff.plug()
        await lab.until(lambda: lab.daemon.log().lower().count("gave no answer") > seen, 90, "the reason in the log")
        await cuff.unplug()
        cuff.silent = False
        await visit(lab, cuff)
        await cuff.unplug()
    readings = await lab.readings_become(len(expected))
    for cuff in cuffs:
        words = {event["command"] for event in cuff.journal.find(cuff.name, "asked")}
        # 0F0F gives up a visit that failed on the way; whether one did here hangs on the moment of the pull.
        lab.equal(words - {"0F0F"} if cuff is omron else words, WORDS[cuff.name], f"what {cuff.name} was asked")
    lab.check(lab.daemon.running, "the daemon runs")
