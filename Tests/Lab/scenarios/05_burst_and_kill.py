"""20 stored readings in a burst, vitalsd killed at random points: each exactly once, none confirmed before it was stored."""
import asyncio
import datetime

LIMIT, LIMIT_LONG = 600, 4800
READINGS = 20


async def scenario(lab):
    fhir = await lab.fhir()
    await lab.vitalsd([lab.fhir_destination(fhir)])
    await lab.patient()
    await lab.consent()
    cuff = await lab.paired_cuff(109, 70)
    rounds = lab.count(5, 50)
    taken = 1
    for number in range(1, rounds + 1):
        begin = lab.journal.here
        first = cuff.now() - datetime.timedelta(hours=rounds - number + 1)
        values = cuff.burst(READINGS, first=first)
        await cuff.remember(values)
        # The point: shortly after the k-th indication or confirmation.
        kind, place = lab.random.choice(("indicated", "confirmed")), lab.random.randint(1, READINGS)
        delay = lab.random.choice((0, lab.random.uniform(0, 0.05)))
        await lab.event(cuff, kind, since=begin, count=place, limit=90)
        await asyncio.sleep(delay)
        await lab.daemon.kill()
        lab.say(f"round {number}: killed {delay * 1000:.0f} ms after number {place} was {kind}")

        confirmed = {event["value"] for event in cuff.events("confirmed")}
        missing = confirmed - set(lab.daemon.on_disk())
        lab.check(not missing, f"round {number}: confirmed, and not stored: {sorted(missing)}")

        await lab.daemon.start()
        await lab.event(cuff, "memory sent", since=begin, limit=180)
        taken += READINGS
        stored = lab.daemon.on_disk()
        lab.equal(sorted(v.hex() for v in values), sorted(v for v in stored if bytes.fromhex(v) in values),
                  f"round {number}: the burst in the store")
        lab.equal(len(stored), taken, f"round {number}: readings in the store")
        await lab.asleep(cuff)
        lab.round(number, rounds)
    readings = await lab.readings()
    lab.equal(len({reading["raw"] for reading in readings}), len(readings), "readings that are there twice")
    observations = await fhir.receives(taken, limit=240)
    identities = {(o["identifier"][0]["system"], o["identifier"][0]["value"]) for o in observations}
    lab.equal(len(identities), taken, "different readings at the FHIR receiver")
