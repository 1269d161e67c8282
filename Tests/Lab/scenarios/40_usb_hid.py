"""A cuff on a cable is read when it is plugged in, with udevd and without; pulled out anywhere, nothing is doubled or lost."""
from usb_devices.omron_hid import OmronHID, record

LIMIT = 600

# Two of libomron's log, one by hand for the second user: 300/90 72, irregular, moved.
USER_A = [record(2007, 1, 2, 0, 8, 38, 120, 73, 67), record(2007, 1, 1, 0, 6, 38, 123, 78, 87)]
USER_B = [record(2026, 2, 14, 11, 30, 5, 300, 90, 72, 0x0003)]
EXPECTED = [(120, 73, 67), (123, 78, 87), (300, 90, 72)]


def values(readings):
    return sorted(tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))
                  for reading in readings)


async def visited(lab, cuff, since):
    await lab.event(cuff, "asked", since=since, command="END", limit=60)


async def ended(lab):
    """The cuff's visit in `vitals status`, once it has ended."""
    visits = [visit for visit in (await lab.status())["visits"] if visit["id"] == "usb:0590:0028"]
    return visits[0] if visits and "lastEnd" in visits[0] and "progress" not in visits[0] else None


async def scenario(lab):
    cuff = OmronHID("cuff", lab.journal, [USER_A, USER_B])
    await lab.vitalsd()
    await lab.patient()

    lab.say("without udevd the bus is looked at")
    begin = lab.journal.here
    await cuff.plug()
    await visited(lab, cuff, begin)
    readings = await lab.readings_become(3)
    lab.equal(values(readings), EXPECTED, "readings")
    lab.equal([sorted(reading["flags"]) for reading in readings if reading["flags"]], [["body-movement", "irregular-pulse"]],
              "flags")
    lab.equal({event["command"] for event in cuff.journal.find("cuff", "asked")}, {"VER", "GDC", "GME", "END"}, "commands")
    devices = (await lab.vitals("devices", "--json")).json
    lab.check(any("usb:0590:0028" in str(device) for device in devices), f"vitals devices shows the cuff: {devices}")
    shown = await lab.until(lambda: ended(lab), 30, "the end of the visit in vitals status")
    lab.equal((shown["name"], shown["lastEnd"]["kind"]), ("HEM-790IT", "idle"), "the last visit in vitals status")
    text = (await lab.vitals("status", "--lang", "vi")).out
    lab.check("HEM-790IT: đọc lần cuối" in text and "Thiết bị không còn gì để gửi." in text, f"vitals status: {text}")

    lab.say("unplugged and plugged in again: nothing new")
    for _ in range(2):
        await cuff.unplug()
        begin = lab.journal.here
        await cuff.plug()
        await visited(lab, cuff, begin)
    await lab.readings_become(3)
    whole = cuff.transfers
    await cuff.unplug()

    lab.say("with udevd the bus tells")
    udevd = await lab.command("/lib/systemd/systemd-udevd", "--daemon", check=True)
    lab.check(udevd.status == 0, "udevd runs")
    begin = lab.journal.here
    cuff.banks[0].insert(0, record(2007, 1, 3, 0, 6, 51, 112, 75, 71))
    await cuff.plug()
    await visited(lab, cuff, begin)
    await lab.readings_become(4)
    await cuff.unplug()

    lab.say("pulled out at transfers in turn", whole=whole)
    places = list(range(0, 24, 1 if lab.long else 6))
    for number, place in enumerate(places):
        cuff.banks[0].insert(0, record(2007, 1, 4, 0, number, 0, 101 + number, 70, 60))
        cuff.transfers, cuff.unplug_at = 0, place
        begin = lab.journal.here
        await cuff.plug()
        await lab.event(cuff, "pulled", since=begin, limit=60)
        begin = lab.journal.here
        await cuff.plug()
        await visited(lab, cuff, begin)
        await lab.readings_become(5 + number)
        await cuff.unplug()
        lab.round(number + 1, len(places), "places")

    lab.say("a cuff that never answers does not keep the daemon")
    cuff.silent = True
    begin = lab.journal.here
    await cuff.plug()
    await lab.until(lambda: "no answer" in lab.daemon.log().lower(), 90, "the reason in the log")
    await cuff.unplug()
    cuff.silent = False
    begin = lab.journal.here
    await cuff.plug()
    await visited(lab, cuff, begin)
    await cuff.unplug()
    lab.check(lab.daemon.running, "the daemon runs")
