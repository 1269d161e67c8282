"""A sensor's heart rate is read from its advertisements: no link, one observation a window; a cuff is awaited beside it."""

LIMIT, LIMIT_LONG = 420, 900


async def scenario(lab):
    window = lab.count(15, 60)
    await lab.vitalsd(strap={"window": window}, rules=[
        {"id": "racing", "kind": "threshold", "component": "heart-rate", "at-least": 131, "clear-below": 121,
         "severity": "urgent", "source": "lab"}])
    await lab.patient()
    sensor = lab.sensor(rate=70)
    await sensor.advertise()
    added = await lab.pair(sensor, more=("--profile", "polar/h10"), limit=60)
    lab.check("listens" in added.out, f"'vitals pair' does not say that the sensor is listened to: {added.out!r}")

    async def rates():
        return [reading for reading in await lab.readings() if reading["kind"] == "heart-rate"]

    async def come(count):
        async def enough():
            found = await rates()
            return found if len(found) >= count else None
        return await lab.until(enough, count * window + 60, f"{count} windows of heart rate", every=1)

    lab.say("windows of 70 a minute, while a cuff is paired, awaited and read")
    cuff = await lab.paired_cuff(118, 76)
    begin = lab.journal.here
    for systolic in (121, 122):
        await cuff.measure(systolic, 78)
        await lab.delivered(cuff, begin, limit=90)
        await lab.asleep(cuff)
    for reading in await come(2):
        for name in ("heartRate", "heartRateMinimum", "heartRateMaximum"):
            lab.equal(reading["values"][name]["value"], 70, name)
        beats = reading["values"]["beats"]["value"]
        lab.check(0 < beats <= 70 * window / 60 + 6, f"{beats} beats in {window} s of 70 a minute")
        lab.equal(reading["authentication"], "unauthenticated", "what proves the sensor")

    lab.say("without contact there is no heart rate")
    sensor.rate = None
    await lab.until(lambda: True, 1, "a moment")
    settled = len(await come(2))
    await lab.holds(lambda: not sensor.events("connected"), window + 5, "nobody links to the sensor")
    lab.check(len(await rates()) <= settled + 1, "windows of heart rate without contact")

    lab.say("after a restart it is listened to at once, and a racing heart is told")
    await lab.daemon.restart()
    before = len(await rates())
    sensor.rate = 140
    await come(before + 1)
    last = max(await rates(), key=lambda reading: reading["receivedAt"])
    lab.equal(last["values"]["heartRate"]["value"], 140, "the heart rate after the restart")

    async def fires():
        return [alert for alert in (await lab.vitals("alerts", "--json")).json if alert["rule"] == "racing"]
    await lab.until(fires, 30, "the alert of a racing heart", every=1)

    lab.say("a sensor that falls silent leaves the window under way")
    lab.equal(sensor.events("request"), [], "requests to the sensor")
    await lab.vitals("unpair", f"ble:{sensor.address}")
    known = len(await rates())
    await lab.holds(lambda: not sensor.events("connected"), window + 5, "an unpaired sensor is left alone")
    lab.equal(len(await rates()), known, "windows of a sensor that was unpaired")
    lab.equal(len([r for r in await lab.readings() if r["kind"] == "blood-pressure"]), 3, "blood pressures of the cuff")
    lab.note = f"{known} windows"
