"""A Microlife on a cable: read once, pulled out anywhere, and read also where it does not say which user is chosen."""
from usb_devices.hid_cuffs import MicrolifePC

LIMIT = 300

RECORD = MicrolifePC.record
EVERYTHING = "00000000000000FD"


def values(readings):
    return sorted(tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))
                  for reading in readings)


async def scenario(lab):
    cuff = MicrolifePC("microlife", lab.journal, [RECORD(2026, 2, 14, 8, 5, 131, 82, 63), RECORD(2026, 2, 15, 21, 30, 145, 91, 70)],
                       user=2)
    await lab.vitalsd()
    await lab.patient()
    expected = [(131, 82, 63), (145, 91, 70)]

    async def read():
        begin = lab.journal.here
        await cuff.plug()
        await lab.event(cuff, "asked", since=begin, command=EVERYTHING, limit=60)
        readings = await lab.readings_become(len(expected))
        lab.equal(values(readings), sorted(expected), "readings")
        return readings

    lab.say("plugged in, and again")
    readings = await read()
    lab.equal({reading["userSlot"] for reading in readings}, {2}, "whose they are")
    await cuff.unplug()
    cuff.transfers = 0
    await read()
    whole = cuff.transfers
    await cuff.unplug()

    places = list(range(whole - 1)) if lab.long else [1, whole // 2, whole - 2]
    for number, place in enumerate(places):
        cuff.records.append(RECORD(2026, 3, 1, 6 + number // 60, number % 60, 101 + number, 70, 60))
        cuff.transfers, cuff.unplug_at = 0, place
        begin = lab.journal.here
        await cuff.plug()
        await lab.event(cuff, "pulled", since=begin, limit=60)
        expected.append((101 + number, 70, 60))
        await read()
        await cuff.unplug()
        lab.round(number + 1, len(places), "places")

    lab.say("one that does not say who is chosen")
    cuff.user = None
    cuff.records.append(RECORD(2026, 4, 1, 7, 0, 128, 80, 66))
    expected.append((128, 80, 66))
    readings = await read()
    lab.equal([reading.get("userSlot") for reading in readings if reading["values"]["systolic"]["value"] == 128], [None],
              "whose it is")
    await cuff.unplug()
    asked = {event["command"] for event in cuff.journal.find("microlife", "asked")}
    lab.equal(asked, {"05", EVERYTHING}, "what it was asked")
