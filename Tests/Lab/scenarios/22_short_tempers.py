"""A&D in its five seconds, a Beurer's order of octets, oximeters that store and that stream: read, and read again."""
import datetime

from peripherals import UA651, Cuff, SpotOximeter, StreamOximeter, spot_check
from peripherals.ua651 import TEST_RECORD, user_reading

LIMIT = 420
LINKS_END_UNDER_US = True
NIGHT = datetime.datetime(2026, 11, 21, 21, 4, 30)
MORNING = datetime.datetime(2026, 11, 22, 7, 15, 0)
# 106/71, pulse 63 and then 118/80, pulse 60, irregular: flags, three numbers low octet first, time, pulse and status high
# octet first, and a user in front of the status that no flag tells of.
BEURER = ["566A0047000000EA070B150F1F00003F000000", "567600500000 00EA070B1514 1B00003C000004".replace(" ", "")]


async def scenario(lab):
    # A stream is summed up over a minute; here over ten seconds, so that nobody has to wait for it.
    stream_profile = lab.profiles() / "sig/pulse-oximeter/profile.yaml"
    stream_profile.write_text(stream_profile.read_text().replace("  window: 60", "  window: 10"))
    await lab.vitalsd()
    await lab.patient()

    lab.say("A&D: the factory's test record, two from its memory, each after the one before")
    # Pairing and discovery alone take four seconds in a guest, so it is given twice the time; what was needed is printed.
    cuff = lab.peripheral(UA651, window=2 * lab.window(5))
    await cuff.remember([TEST_RECORD, user_reading(133, 88, 75, NIGHT), user_reading(128, 83, 70, MORNING, status=4)])
    await lab.pair(cuff, limit=120)
    await lab.event(cuff, "memory sent", limit=90)
    await lab.event(cuff, "disconnected", limit=90)
    lab.equal(cuff.events("powered off"), [], "times that it switched itself off")
    await lab.event(cuff, "cleared", uuid="2A35")
    found = await of(lab, cuff, 3)
    lab.equal(sorted(pressures(r) for r in found if r.get("deviceTime")), [(128, 83, 70), (133, 88, 75)], "A&D's readings")
    test, = [r for r in found if not r.get("deviceTime")]
    lab.equal((test["marks"].count("not-measured"), test["values"]["systolic"]), (1, {"absent": "not-a-number"}),
              "the factory's test record")
    lab.equal([r["flags"] for r in found if r["values"]["systolic"].get("value") == 128], [["irregular-pulse"]], "flags")
    first_visit_over = lab.journal.here

    lab.say("Beurer")
    beurer = lab.peripheral(Cuff, "BM85", "F0:F1:F2:F4:00:11", hash=False, has_clock=False)
    await beurer.remember([bytes.fromhex(BEURER[0])])
    await lab.pair(beurer, more=("--profile", "beurer/bm85"), limit=120)
    await lab.event(beurer, "memory sent", limit=60)
    await lab.asleep(beurer, 90)
    begin = lab.journal.here
    await beurer.remember([bytes.fromhex(value) for value in BEURER])
    await lab.event(beurer, "memory sent", since=begin, limit=90)
    found = await of(lab, beurer, 2)
    lab.equal(sorted((*pressures(r), r["flags"]) for r in found),
              [(106, 71, 63, []), (118, 80, 60, ["irregular-pulse"])], "Beurer's readings")

    lab.say("an oximeter that stores")
    spot = lab.peripheral(SpotOximeter)
    await spot.remember([spot_check(96, 72, NIGHT), spot_check(94, 78, MORNING)])
    await lab.pair(spot, limit=120)
    await lab.event(spot, "reported", limit=60)
    await lab.asleep(spot, 90)
    begin = lab.journal.here
    await spot.remember([spot_check(98, 66, MORNING + datetime.timedelta(hours=1))])
    await lab.event(spot, "reported", since=begin, limit=90)
    found = await of(lab, spot, 3)
    lab.equal(sorted(saturations(r) for r in found), [(94, 78), (96, 72), (98, 66)], "the stored spot checks")
    lab.equal({e["command"] for e in spot.events("record access")}, {"0101"}, "what was asked of its records")

    lab.say("an oximeter that streams")
    stream = lab.peripheral(StreamOximeter, values=((97, 70), (95, 74)))
    await stream.advertise()
    await lab.pair(stream, limit=120)
    window, *_ = await lab.until(lambda: some(lab, stream), 60, "a window over the stream", every=1)
    lab.check(95 < window["values"]["oxygenSaturation"]["value"] < 97, "the mean is not between the two")
    lab.equal((window["values"]["oxygenSaturationMinimum"]["value"], window["values"]["oxygenSaturationMaximum"]["value"]),
              (95, 97), "the least and the most")
    await stream.stop_advertising()
    await stream.hang_up()

    lab.say("A&D again: a new reading beside an old one, and it hangs up by itself")
    cuff.hangs_up = True
    await cuff.remember([user_reading(133, 88, 75, NIGHT), user_reading(126, 81, 69, cuff.now())])
    await lab.event(cuff, "memory sent", since=first_visit_over, limit=90)
    found = await of(lab, cuff, 4)
    lab.check((126, 81, 69) in [pressures(r) for r in found if r.get("deviceTime")], "the new reading is not there")
    lab.equal(cuff.events("powered off"), [], "times that it switched itself off")
    ready = cuff.events("ready")
    lab.equal([e["what"] for e in ready][:2], ["clock", "subscription"], "what came first")
    lab.note = f"ready {max(e['after'] for e in ready):.1f} s after the link at most"


async def of(lab, peripheral, count):
    async def enough():
        found = [r for r in await lab.readings() if r["device"] == f"ble:{peripheral.address}"]
        lab.check(len(found) <= count, f"{len(found)} readings of {peripheral.name}, {count} were taken")
        return found if len(found) == count else None
    return await lab.until(enough, 60, f"{count} readings of {peripheral.name}", every=0.5)


async def some(lab, peripheral):
    return [r for r in await lab.readings() if r["device"] == f"ble:{peripheral.address}"]


def pressures(reading):
    return tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))


def saturations(reading):
    return tuple(reading["values"][name]["value"] for name in ("oxygenSaturation", "pulse"))
