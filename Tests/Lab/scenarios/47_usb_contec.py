"""A Contec 08A and a Microlife that answers in text, on a cable: each read once, two at once, pulled out anywhere; a systolic
pressure that cannot be told is not told."""
from usb_devices.hid_cuffs import Contec08A, MicrolifeText

LIMIT = 400

READING, RECORD = Contec08A.reading, MicrolifeText.record
LAST = {"contec": "4341010602", "microlife": "22"}
WORDS = {"contec": {"40", "42", "4341010402", "4341010502", "4341010602"}, "microlife": {"22"}}


def values(readings):
    return sorted(tuple(reading["values"][name]["value"] for name in ("systolic", "diastolic", "pulse"))
                  for reading in readings)


async def plug(lab, *cuffs):
    begin = lab.journal.here
    for cuff in cuffs:
        await cuff.plug()
    for cuff in cuffs:
        await lab.event(cuff, "asked", since=begin, command=LAST[cuff.name], limit=60)


async def scenario(lab):
    contec = Contec08A("contec", lab.journal, [
        [READING(2026, 2, 14, 8, 5, 148, 85, 105, 72), READING(2026, 2, 15, 8, 5, 120, 80, 93, 61)],
        [],
        [READING(2026, 2, 14, 8, 5, 148, 85, 105, 72)]])  # another person, the same numbers
    microlife = MicrolifeText("microlife", lab.journal, [
        RECORD(2026, 2, 14, 8, 5, 131, 82, 63), RECORD(2026, 2, 15, 21, 30, 145, 91, 70)])
    # The first is one that MarkMLl has written down.
    lab.equal(READING(2023, 5, 1, 13, 9, 148, 85, 105, 72).hex(), "828094d5c8e9978580818d898091", "a real reading's octets")
    await lab.vitalsd()
    await lab.patient()
    expected = {
        "contec": [(148, 85, 72), (120, 80, 61), (148, 85, 72)],
        "microlife": [(131, 82, 63), (145, 91, 70)],
    }

    async def become(*cuffs):
        want = sorted(sum((expected[cuff.name] for cuff in cuffs), []))
        readings = await lab.readings_become(len(want))
        lab.equal(values(readings), want, "readings")
        return readings

    lab.say("plugged in, and again: each reading once")
    await plug(lab, contec)
    readings = await become(contec)
    lab.equal(sorted(reading["userSlot"] for reading in readings), [1, 1, 3], "whose they are")
    lab.equal({reading["values"]["mean"]["value"] for reading in readings}, {105, 93}, "mean pressures")
    await contec.unplug()
    contec.transfers = microlife.transfers = 0
    await plug(lab, contec)
    await become(contec)
    await contec.unplug()

    lab.say("two at once, and again")
    for _ in range(2):
        await plug(lab, contec, microlife)
        readings = await become(contec, microlife)
        await contec.unplug()
        await microlife.unplug()
    lab.equal([reading.get("userSlot") for reading in readings if reading["values"]["systolic"]["value"] == 145], [None],
              "whose a Microlife's are")

    lab.say("pulled out at transfers in turn")
    for cuff in (contec, microlife):
        cuff.transfers = 0
        await plug(lab, cuff)
        await become(contec, microlife)
        whole = cuff.transfers
        await cuff.unplug()
        places = list(range(whole - 1)) if lab.long else [0, whole // 2, whole - 2]
        for number, place in enumerate(places[:80]):
            if cuff is contec:
                cuff.users[1].append(READING(2026, 3, 1 + number // 60, 9, number % 60, 101 + number, 70, 74 + number // 3, 60))
            else:
                cuff.records.append(RECORD(2026, 3, 1 + number // 60, 9, number % 60, 101 + number, 70, 60))
            expected[cuff.name].append((101 + number, 70, 60))
            cuff.transfers, cuff.unplug_at = 0, place
            begin = lab.journal.here
            await cuff.plug()
            await lab.event(cuff, "pulled", since=begin, limit=60)
            await plug(lab, cuff)
            await become(contec, microlife)
            await cuff.unplug()
            lab.round(number + 1, len(places), f"places of {cuff.name}")

    lab.say("a systolic pressure of 120 or 248 is not told, and the next one is")
    octets = bytearray(READING(2026, 4, 1, 7, 0, 120, 80, 93, 61))
    octets[0] |= 2
    contec.users[2] += [bytes(octets), READING(2026, 4, 1, 7, 5, 122, 81, 95, 62)]
    expected["contec"].append((122, 81, 62))
    await plug(lab, contec)
    await become(contec, microlife)
    await lab.until(lambda: "systolic pressure cannot be told" in lab.daemon.log(), 60, "the reason in the log")
    await contec.unplug()

    lab.say("one that is switched off says how to go on")
    contec.is_on = False
    await plug(lab, contec)
    await lab.until(lambda: "The cuff is switched off" in lab.daemon.log(), 60, "the remedy in the log")
    await contec.unplug()
    await become(contec, microlife)
    for cuff in (contec, microlife):
        asked = {event["command"] for event in lab.journal.find(cuff.name, "asked")}
        lab.equal(asked, WORDS[cuff.name], f"what {cuff.name} was asked")
    lab.check(MicrolifeText.NAME not in lab.daemon.log() and "ANN" not in lab.daemon.log(), "nobody's name in the log")
    lab.check(lab.daemon.running, "the daemon runs")
