"""The box starts in 1970: the alert goes at once and says so, the record waits, and has the right time once the clock is set."""
import datetime
import time

LIMIT = 400


async def scenario(lab):
    record, webhook = await lab.fhir(), await lab.webhook()
    await lab.vitalsd([lab.fhir_destination(record), lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="record")
    await lab.consent(destination="family")
    cuff = await lab.paired_cuff(121, 80)
    await record.receives(1)
    await lab.daemon.stop()

    # Ten minutes after the box was switched on, had it been in 1970; the cuff's own clock goes on being right.
    with lab.wrong_clock(time.clock_gettime(time.CLOCK_BOOTTIME) + 600) as (behind, put_right):
        # Not simply `behind`: the zone of the lab had another offset in 1970.
        right = datetime.datetime.fromtimestamp(time.time() + behind)
        cuff.clock_offset = (right - datetime.datetime.now()).total_seconds()
        await lab.daemon.start()
        taken, begin = cuff.now(), lab.journal.here
        value = await cuff.measure(190, 120, at=taken)
        await lab.event(cuff, "confirmed", since=begin, value=value.hex(), limit=90)
        message = (await lab.until(webhook.verified, 60, "the alert's webhook"))[0]["message"]
        lab.equal((message["type"], message["data"].get("timeUncertain")), ("alert.firing", True), "the alert")
        warning = await lab.warning("clock-unsynchronised.* 1 reading")
        lab.equal(warning["parameters"]["count"], "1", "how many readings wait")

        async def mine():
            return next(r for r in await lab.readings() if r["raw"].lower() == value.hex())
        marks = (await mine())["marks"]
        lab.check("time-provisional" in marks, f"the reading is not marked provisional: {marks}")
        await lab.asleep(cuff)

        # Longer than any new reading stays at home.
        async def only_the_first():
            return await record.systolics() == [121]
        await lab.holds(only_the_first, 18, "the record waits for the clock")

        put_right()
        cuff.clock_offset = 0
        told = (await record.receives(2))[-1]
    lab.equal(record.component(told, "8480-6"), 190, "the systolic value at the record")
    at = datetime.datetime.fromisoformat(told["effectiveDateTime"])
    lab.check(abs((at - taken.astimezone()).total_seconds()) <= 3, f"the record has the time {at}, it was taken at {taken}")
    await lab.no_warning("clock-unsynchronised")
    marks = (await mine())["marks"]
    lab.check("time-corrected" in marks, f"the reading is not marked corrected: {marks}")
    lab.equal(len(webhook.verified()), 1, "webhooks")
