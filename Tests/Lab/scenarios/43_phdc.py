"""Personal health devices of IEEE 11073 on a cable: configuration learned once, memory read whole after a kill, pulled out."""
from usb_devices.phdc import FUNCTION_EXTENSION, PersonalHealthDevice, configuration

LIMIT = 600
STORE = bytes.fromhex("0022092209080706")


def entries(lab):
    """Systolic pressures of what came from a memory, from the kept octets: 0003 0006, three SFLOATs, the pulse."""
    return sorted(int(octets[8:12], 16) for octets in lab.daemon.on_disk() if len(octets) == 24)


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()

    lab.say("association to release, and a configuration that nobody knows")
    cuff = PersonalHealthDevice("cuff", lab.journal)
    await cuff.plug()
    await lab.event(cuff, "operating", limit=60)
    cuff.report(1)
    await lab.event(cuff, "confirmed", number=1, limit=60)
    # Confirmed only after the commit: it is there now, whatever happens next.
    lab.equal(len(lab.daemon.on_disk()), 1, "observations on disk when it was confirmed")
    cuff.report(2)
    await lab.event(cuff, "confirmed", number=2, limit=60)
    readings = await lab.readings_become(2)
    # By the agent: systolic 120 + n, diastolic 80, pulse 60 + n.
    lab.equal(sorted(tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))
                     for reading in readings), [(121, 80, 61), (122, 80, 62)], "readings")
    begin = lab.journal.here
    cuff.release()
    await lab.event(cuff, "apdu", since=begin, choice="e500", limit=60)
    devices = (await lab.vitals("devices", "--json")).json
    lab.check("phd:0022092201020304" in str(devices), f"vitals devices shows the cuff: {devices}")

    lab.say("the configuration is known, while it stays plugged in and when it is plugged in again")
    begin = lab.journal.here
    cuff.associate()
    await lab.event(cuff, "operating", since=begin, limit=60)
    await cuff.unplug()

    lab.say("APDUs in several transfers, and several in one")
    for number, split, merge in ((3, 7, False), (4, None, True)):
        cuff.split, cuff.merge = split, merge
        cuff.report(number)
        await cuff.plug()
        await lab.event(cuff, "confirmed", number=number, limit=60)
        await cuff.unplug()
    cuff.split, cuff.merge = None, False
    count = 4

    places = list(range(0, 12, 1 if lab.long else 4))
    lab.say("pulled out at transfers in turn", places=len(places))
    for index, place in enumerate(places):
        number = 10 + index
        cuff.report(number)
        cuff.transfers, cuff.unplug_at = 0, place
        begin = lab.journal.here
        await cuff.plug()
        await lab.until(lambda: cuff.journal.find("cuff", "pulled", begin) or cuff.journal.find(
            "cuff", "confirmed", begin, number=number), 60, "its end, by the hand or by itself")
        cuff.unplug_at = None
        await cuff.unplug()
        await cuff.plug()
        await lab.until(lambda: cuff.agent.seen["confirmed"] == len(cuff.measured), 60, "all of it confirmed")
        count += 1
        lab.equal(len(lab.daemon.on_disk()), count, "observations on disk")
        await cuff.unplug()
        lab.round(index + 1, len(places), "places")
    await lab.readings_become(count)
    lab.equal(cuff.agent.seen["configurations"], 1, "configurations that the agent was asked for")
    lab.equal(cuff.agent.seen["time"], None, "its clock")

    lab.say("a class descriptor that is no such thing is named, and costs nothing else")
    odd = PersonalHealthDevice("odd", lab.journal)
    odd.configuration = configuration(bytes([5, 0x20, 2, 0, 0]) + FUNCTION_EXTENSION)
    await odd.plug()
    await lab.until(lambda: "PHDC class function descriptor: bLength" in lab.daemon.log(), 60, "the reason in the log")
    await odd.unplug()

    lab.say("killed in the middle of 500 entries in three segments")
    store = PersonalHealthDevice("store", lab.journal, system_id=STORE, entries=500, segments=3, person=2)
    await store.plug()
    await lab.until(lambda: store.agent.seen["confirmedEntries"] >= 160, 120, "a third of the entries")
    await lab.daemon.kill()
    confirmed = store.agent.seen["confirmedEntries"]
    lab.check(confirmed < 500, f"{confirmed} entries were confirmed when it was killed")
    kept = len(entries(lab))
    lab.check(confirmed <= kept < 500, f"{confirmed} entries were confirmed and {kept} are on disk")
    lab.say("killed", confirmed=confirmed, kept=kept)
    await lab.daemon.start()
    await lab.until(lambda: store.agent.seen["confirmedEntries"] - confirmed >= 500, 150, "all entries in one association")
    lab.equal(entries(lab), sorted(100 + number % 60 for number in range(500)), "systolics of the entries, once each")
    lab.equal(store.agent.seen["configurations"], 1, "configurations asked for, before the kill and after")
    lab.equal(store.agent.seen["cleared"], 0, "clears")
    await store.unplug()

    lab.say("a standard configuration asks for nothing, and a daemon that ends releases the association")
    store.agent.config_id, store.agent.segments = 0x02BC, 0
    begin = lab.journal.here
    await store.plug()
    await lab.event(store, "operating", since=begin, limit=60)
    lab.equal(store.agent.seen["configurations"], 1, "configurations that the agent was asked for")
    store.report(20)
    await lab.event(store, "confirmed", number=20, limit=60)
    lab.equal(len(lab.daemon.on_disk()), count + 501, "observations on disk")
    await lab.daemon.stop()
    await lab.event(store, "apdu", since=begin, choice="e400", limit=30)
    await store.unplug()
