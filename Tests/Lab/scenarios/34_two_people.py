"""Two people on one cuff: an unassigned reading stays at home until it is claimed, and is taken back when disowned."""
import datetime

LIMIT = 400


async def scenario(lab):
    record = await lab.fhir()
    await lab.vitalsd([lab.fhir_destination(record)])
    for person in ("An", "Bình"):
        await lab.patient(person)
        await lab.consent(person)
    # Whoever pairs measures first: user 1 is An's from then on, and user 2 is nobody's yet.
    cuff = await lab.paired_cuff(121, 80)
    await record.receives(1)

    async def measured(systolic, **more):
        begin = lab.journal.here
        value = await cuff.measure(systolic, 80, **more)
        await lab.event(cuff, "confirmed", since=begin, value=value.hex(), limit=90)
        await lab.asleep(cuff)
        return value.hex()

    async def one(raw):
        return next(r for r in await lab.readings() if r["raw"].lower() == raw)

    # Six minutes old when it is sent: its time must not become that of the sending, nor that of the claim.
    taken = cuff.now() - datetime.timedelta(minutes=6)
    raw = await measured(132, user=2, at=taken)
    await lab.readings_become(2)
    stranger = await one(raw)
    lab.check(not stranger.get("patient"), "the reading of an unknown user number was given to somebody")

    # A later one of An's goes through; the one before it did not wait in its turn, it has none.
    hers = await measured(122, user=1)
    await record.receives(2)
    lab.equal(await record.systolics(), [121, 122], "what the record has while a reading is nobody's")

    lab.say("claimed")
    await lab.vitals("claim", stranger["id"], "--patient", "Bình")
    claimed = (await record.receives(3))[-1]
    lab.equal(record.component(claimed, "8480-6"), 132, "the systolic value of the claimed reading")
    told = datetime.datetime.fromisoformat(claimed["effectiveDateTime"])
    lab.check(abs((told - taken.astimezone()).total_seconds()) <= 3,
              f"the claimed reading has the time {told}, it was taken at {taken}")
    lab.check(claimed["subject"] != (await record.observations())[0]["subject"], "the claimed reading is An's at the record")

    lab.say("disowned, while the record is away")
    await record.mode("503", times=2)
    await lab.vitals("disown", stranger["id"])

    async def in_error():
        found = await record.observations()
        lab.check(not record.refused(), f"the FHIR receiver refused: {record.refused()[:1]}")
        return found if found[-1]["status"] == "entered-in-error" else None
    found = await lab.until(in_error, 90, "the disowned reading to be entered-in-error", every=0.5)
    lab.equal([o["status"] for o in found], ["final", "final", "entered-in-error"], "the statuses at the record")
    lab.equal(await record.systolics(), [121, 122, None], "the values at the record")
    lab.check(not (await one(raw)).get("patient"), "the disowned reading is still somebody's")
    lab.equal((await one(hers))["values"]["systolic"]["value"], 122, "An's own reading")

    async def settled():
        return not (await one(raw)).get("uncorrected")
    await lab.until(settled, 30, "the correction to be settled", every=0.5)
    await lab.no_warning("corrections-needed")
