"""A model that nobody has listed, read by one profile folder of its owner's: no Swift, another memory map."""
import dataclasses

from lab import PROJECT
from peripherals import Omron
from peripherals.omron import HEM_7600T

MODEL = dataclasses.replace(HEM_7600T, users=((0x0330, 45), (0x0700, 45)), index=0x0280, clock=0x02A0)
PROFILE = """\
name: lab/hem-0000t
title: A cuff of the lab

recognise:
  names: ["BLESmart_", "BLEsmart_"]
  choose: true

driver: omron-eeprom

session:
  bond: required
  subscribe:
    - "49123040-aee8-11e1-a74d-0002a5d5c51b"
    - "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b"
    - "5128ce60-aee8-11e1-b84b-0002a5d5c51b"
    - "560f1420-aee8-11e1-8184-0002a5d5c51b"
    - "b305b680-aee7-11e1-a730-0002a5d5c51b"

memory:
  evidence: derived
  channels: classic
  unlock: {kind: key, key: "00112233445566778899aabbccddeeff"}
  record: be-14
  block: 0x2A
  users:
    - {start: 0x0330, slots: 45}
    - {start: 0x0700, slots: 45}
  index:
    address: 0x0280
    size: 8
    words: big
    users:
      - {cursor: 0, unread: 4}
      - {cursor: 2, unread: 6}
  clock: {address: 0x02A0, layout: classic-mixed}

sources:
"""
FACTS = ("recognise", "driver", "session.bond", "session.subscribe", "memory.evidence",
         "memory.channels", "memory.unlock", "memory.record", "memory.block", "memory.users", "memory.index", "memory.clock")


async def scenario(lab):
    own = lab.folder / "my profiles"
    folder = own / "lab" / "hem-0000t"
    folder.mkdir(parents=True)
    (folder / "profile.yaml").write_text(PROFILE + "".join(f'  {fact}: "the lab"\n' for fact in FACTS))
    lab.check(not (PROJECT / "DeviceProfiles/lab").exists(), "the model is not listed")
    await lab.vitalsd(profiles=[str(lab.profiles()), str(own)])
    await lab.patient()
    cuff = lab.peripheral(Omron, model=MODEL)
    # By hand: diastolic, systolic - 25, year - 2000, pulse, then bits from the highest: movement, irregular, month (4),
    # day (5), hour (5); position (2), battery, fit, minute (6), second (6).
    cuff.keep(1, bytes.fromhex("50661A48 2E87 03D4 00000000 0000"))   # 127/80, 72, 2026-11-20 07:15:20
    cuff.keep(2, bytes.fromhex("5A7A1A4D 2EA8 0005 00000000 0000"))   # 147/90, 77, 2026-11-21 08:00:05
    await cuff.pairing_mode()
    await lab.pair(cuff, more=("--profile", "lab/hem-0000t"), limit=120)
    await lab.event(cuff, "closed", limit=90)
    await lab.asleep(cuff)
    begin = lab.journal.here
    await cuff.measure(131, 84, 66)
    await lab.event(cuff, "closed", since=begin, limit=90)
    readings = await lab.readings_become(3)
    lab.equal({r["profile"] for r in readings}, {"lab/hem-0000t"}, "profile of the readings")
    lab.equal(sorted((r["userSlot"], *(r["values"][name]["value"] for name in ("systolic", "diastolic", "pulse")))
                     for r in readings), [(1, 127, 80, 72), (1, 131, 84, 66), (2, 147, 90, 77)], "the readings")
    lab.equal([r["deviceTime"][:19] for r in readings if r["userSlot"] == 2], ["2026-11-21T08:00:05"], "the device's time")
    lab.equal(cuff.bonds_lost, 0, "bonds lost")
