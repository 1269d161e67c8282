"""Links of every family cut at random steps: afterwards everything is there once, and the daemon holds what it held."""
import datetime
import re

from footprint import held, holds_what_it_held
from peripherals import BP2W, UA651, Cuff, Microlife, Omron, SpotOximeter, spot_check
from peripherals.omron import HEM_7142T2
from peripherals.ua651 import user_reading

LIMIT, LIMIT_LONG = 600, 3600
LINKS_END_UNDER_US = True


async def scenario(lab):
    # What these are left alone for after a visit, up to two minutes, would only be waited for here.
    for name in ("viatom/bp2w", "microlife/bp3gy1-2n", "and/ua-651ble"):
        file = lab.profiles() / name / "profile.yaml"
        file.write_text(re.sub(r"(?m)^  pause: \d+$", "  pause: 1", file.read_text()))
    await lab.vitalsd()
    await lab.patient()
    families = [Family(lab, *one) for one in (
        ("omron/hem-7361t", lab.peripheral(Omron), "closed", lambda p, n, at: p.measure(*n, at=at)),
        ("omron/hem-7142t2", lab.peripheral(Omron, "BLESmart_MODERN", "F0:F1:F2:F4:00:02", model=HEM_7142T2), "closed",
         lambda p, n, at: p.measure(*n, at=at)),
        ("and/ua-651ble", lab.peripheral(UA651, window=2 * lab.window(5)), "memory sent",
         lambda p, n, at: p.remember([user_reading(*n, at)])),
        ("sig/blood-pressure", lab.peripheral(Cuff, hash=False), "memory sent", lambda p, n, at: p.measure(*n[:2], at=at)),
        ("sig/pulse-oximeter", lab.peripheral(SpotOximeter), "reported",
         lambda p, n, at: p.remember([spot_check(80 + n[2] % 20, n[2], at)])),
        ("viatom/bp2w", lab.peripheral(BP2W), "closed", lambda p, n, at: p.measure(*n[:2], 90, n[2], at=at)),
        ("microlife/bp3gy1-2n", lab.peripheral(Microlife), "closed", lambda p, n, at: p.measure(*n, at=at)),
    )]
    for family in families:
        await family.pair()
        await family.visit()
    before = held(lab.daemon.pid)

    rounds, done, cut = lab.count(2, 15) * len(families), 0, 0
    for number in range(rounds // len(families)):
        for family in families:
            cut += await family.cut_visit()
            done += 1
            lab.note = f"{done} of {rounds} rounds, {cut} links cut"
            lab.say(lab.note)
    lab.check(cut * 3 >= rounds * 2, f"only {cut} links of {rounds} were cut")
    for family in families:
        await family.visit()
    everything = await lab.readings()
    raws = [(r["device"], r["raw"]) for r in everything]
    lab.equal(len(set(raws)), len(raws), "readings that are there twice")
    lab.equal(len(raws), sum(family.taken for family in families), "all readings")
    omrons = [family.peripheral for family in families if isinstance(family.peripheral, Omron)]
    lab.equal([p.bonds_lost for p in omrons], [0] * len(omrons), "bonds that Omron's cuffs have lost")

    await holds_what_it_held(lab, before, rounds)


class Family:
    """One device of a family: how it takes a reading, and the event by which it tells that all was taken from it."""

    def __init__(self, lab, profile, peripheral, end, take):
        self.lab, self.profile, self.peripheral, self.end, self.take = lab, profile, peripheral, end, take
        self.taken, self.steps = 0, 0
        # Long ago, and each an hour after the one before, so that no two are alike.
        self.time = datetime.datetime(2026, 10, 1, 6, 0, 0)

    async def reading(self):
        n = self.taken = self.taken + 1
        self.time += datetime.timedelta(hours=1)
        await self.take(self.peripheral, (110 + n % 60, 60 + n % 30, 55 + n % 40), self.time)

    async def pair(self):
        await self.reading()
        await self.lab.pair(self.peripheral, more=("--profile", self.profile), limit=180)
        await self.complete(0)

    async def complete(self, begin):
        lab, peripheral = self.lab, self.peripheral

        async def enough():
            # What is new counts, so the whole list is looked at, once the device has told its end: a command takes a second
            # of the guest's processor. A device that has lost its link may still be on its way.
            if peripheral.connection or not peripheral.events(self.end, since=begin):
                return False
            found = [r for r in await lab.readings() if r["device"] == f"ble:{peripheral.address}"]
            lab.check(len(found) <= self.taken, f"{self.profile}: {len(found)} readings, {self.taken} were taken")
            return len(found) == self.taken and not peripheral.connection
        await lab.until(enough, 150, f"{self.profile}: all {self.taken} readings, and the end of its link", every=0.5)

    async def visit(self):
        begin, steps = self.lab.journal.here, self.peripheral.steps
        await self.reading()
        await self.complete(begin)
        self.steps = self.peripheral.steps - steps

    async def cut_visit(self):
        """1 when the link was cut, 0 when it ended before it came to that."""
        begin = self.lab.journal.here
        # From the moment of the link to its last PDU.
        self.peripheral.cut(self.lab.random.randint(0, self.steps), vanish=self.lab.random.random() < 0.5)
        await self.reading()
        await self.complete(begin)
        self.peripheral.uncut()
        # Whatever was cut at the very end is over, too, before the next round begins.
        await self.lab.until(lambda: not self.peripheral.is_dropping, 30, "the cut to be over")
        return len(self.peripheral.events("cut", since=begin))
