"""Microlife and Viatom: all at once, and only what is new is kept; nothing that must never be sent arrives."""
import datetime
import re

from peripherals import BP2W, Microlife
from peripherals.viatom import NEVER

LIMIT = 420
LINKS_END_UNDER_US = True


async def scenario(lab):
    # What these are left alone for after a visit, a minute or two, would only be waited for here.
    for name in ("viatom/bp2w", "microlife/bp3gy1-2n"):
        file = lab.profiles() / name / "profile.yaml"
        file.write_text(re.sub(r"(?m)^  pause: \d+$", "  pause: 2", file.read_text()))
    await lab.vitalsd()
    await lab.patient()
    night, morning = datetime.datetime(2026, 11, 21, 21, 4, 30), datetime.datetime(2026, 11, 22, 7, 15, 0)
    for kind, profile, allowed in ((BP2W, "viatom/bp2w", {0xE1, 0xF1, 0xF2, 0xF3, 0xF4}),
                                   (Microlife, "microlife/bp3gy1-2n", {0x00, 0x04, 0x05})):
        lab.say(profile)
        viatom = kind is BP2W

        def numbers(systolic, diastolic, mean, pulse):
            return (systolic, diastolic, mean, pulse) if viatom else (systolic, diastolic, pulse)
        cuff = lab.peripheral(kind)
        await cuff.measure(*numbers(133, 88, 103, 75), at=night)
        await cuff.measure(*numbers(118, 76, 90, 63), at=morning)
        await lab.pair(cuff, more=("--profile", profile), limit=120)
        await lab.event(cuff, "closed", limit=90)
        await lab.asleep(cuff, 90)
        lab.equal(await of(lab, cuff, 2), [(118, 76, 63), (133, 88, 75)], f"{profile}: the readings")
        begin = lab.journal.here
        await cuff.measure(*numbers(126, 81, 96, 69))
        await lab.event(cuff, "closed", since=begin, limit=120)
        lab.equal(await of(lab, cuff, 3), [(118, 76, 63), (126, 81, 69), (133, 88, 75)], f"{profile}: after the second visit")
        sent = set(cuff.commands())
        lab.check(sent and sent <= allowed, f"{profile}: these were sent: {sorted(f'{c:02X}' for c in sent - allowed)}")
        if viatom:
            lab.equal(sent & NEVER, set(), "commands that must never be sent")


async def of(lab, peripheral, count):
    async def enough():
        found = [r for r in await lab.readings() if r["device"] == f"ble:{peripheral.address}"]
        lab.check(len(found) <= count, f"{len(found)} readings of {peripheral.name}, {count} were taken")
        return found if len(found) == count else None
    found = await lab.until(enough, 60, f"{count} readings of {peripheral.name}", every=0.5)
    return sorted(tuple(r["values"][name]["value"] for name in ("systolic", "diastolic", "pulse")) for r in found)
