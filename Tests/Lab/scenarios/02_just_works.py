"""Just works, LE Secure Connections: one command, one reading, a checked Bundle, a signed webhook; commit before confirm."""

LIMIT = 400


async def scenario(lab):
    fhir, webhook = await lab.fhir(validate=True), await lab.webhook()
    lab.profiles(quiet=None)  # the visit ends by itself, by the profile as it is shipped
    await lab.vitalsd([lab.fhir_destination(fhir), lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="record")
    await lab.consent(destination="family")

    cuff = lab.cuff()
    value = await cuff.measure(184, 99, 127, pulse=71)
    await lab.pair(cuff)
    await lab.event(cuff, "confirmed", value=value.hex())
    lab.equal((await lab.event(cuff, "paired"))["secure_connections"], True, "LE Secure Connections")

    reading, = await lab.readings_become(1)
    lab.equal(reading["device"], f"ble:{cuff.address}", "device")
    lab.equal(reading["kind"], "blood-pressure", "kind")
    lab.equal(reading["values"]["systolic"], {"value": 184, "unit": "mmHg"}, "systolic")
    lab.equal(reading["values"]["diastolic"], {"value": 99, "unit": "mmHg"}, "diastolic")
    lab.equal(reading["values"]["pulse"]["value"], 71, "pulse")
    lab.equal(reading["raw"].lower(), value.hex(), "the bytes as they came")
    lab.equal(reading["simulated"], False, "simulated")
    lab.equal(reading["authentication"], "bonded", "authentication")
    lab.check(reading["basis"].startswith("device-clock"), f"the time is not the device's: {reading['basis']}")

    observation, = await fhir.receives(1, limit=120)
    lab.equal([fhir.component(observation, code) for code in ("8480-6", "8462-4")], [184, 99], "the Bundle's components")
    lab.equal(observation["meta"].get("security", []), [], "security labels of a real reading")
    await lab.until(webhook.verified, 60, "a webhook that verifies")
    lab.equal(webhook.refused(), [], "webhooks that did not verify")

    await lab.asleep(cuff)
    lab.say("the commit is held back: the cuff must not see its confirmation")
    begin = lab.journal.here
    with lab.daemon.locked():
        second = await cuff.measure(131, 84)
        await lab.event(cuff, "indicated", since=begin)
        await lab.holds(lambda: not cuff.events("confirmed", since=begin), 4,
                        "the cuff waits while nothing can be committed")
        lab.equal(lab.daemon.on_disk(), [value.hex()], "what is on disk while the lock is held")
        released = lab.journal.here
    confirmed = await lab.event(cuff, "confirmed", since=begin, value=second.hex(), limit=90)
    lab.check(confirmed["n"] >= released, "the confirmation came before the lock was released")
    lab.check(second.hex() in lab.daemon.on_disk(), "confirmed, and not on disk")
    await lab.readings_become(2)
    await fhir.receives(2, limit=120)
