"""FHIR server and webhook receiver down all the time, then up with a stumble: all delivered, in order, once."""

LIMIT = 500


async def scenario(lab):
    fhir, webhook = await lab.fhir(start=False), await lab.webhook(start=False)
    await lab.vitalsd([lab.fhir_destination(fhir), lab.webhook_destination(webhook)])
    await lab.patient()
    await lab.consent(destination="record")
    await lab.consent(destination="family")
    cuff = await lab.paired_cuff(150, 90)
    values = cuff.burst(20, systolic=151)
    begin = lab.journal.here
    await cuff.remember(values)
    await lab.event(cuff, "memory sent", since=begin, limit=120)
    await lab.asleep(cuff)
    # Above the limit of the rule: one alert.
    extra = await cuff.measure(191, 99)
    await lab.event(cuff, "confirmed", value=extra.hex(), limit=90)
    await lab.readings_become(22)
    await lab.warning("destination-failing", limit=90)
    waiting = {d["name"]: d["waiting"] for d in (await lab.status())["destinations"]}
    lab.check(waiting["record"] >= 22, f"22 observations wait for the record, status says {waiting}")

    await fhir.start()
    await webhook.start()
    # The first answers are lost on the way: what is sent again must not be made again.
    await fhir.mode("lose-answer", times=1)
    await webhook.mode("lose-answer", times=1)
    await fhir.receives(22, limit=180)
    expected = [150] + [151 + i for i in range(20)] + [191]
    lab.equal(await fhir.systolics(), expected, "the order at the FHIR receiver")
    await lab.until(lambda: webhook.verified(), 120, "the alert's webhook")

    async def all_delivered():
        return all(d["waiting"] == 0 for d in (await lab.status())["destinations"])
    await lab.until(all_delivered, 120, "nothing to wait any more", every=0.5)
    await lab.no_warning("destination-failing")
    ids = [entry["id"] for entry in webhook.verified()]
    lab.equal(len(ids), len(set(ids)), "webhook messages")
    lab.equal(webhook.refused() + fhir.refused(), [], "refused deliveries")
    await lab.holds(lambda: len(fhir.entries()) < 60, 3, "deliveries end")
    lab.equal(len(await fhir.observations()), 22, "blood pressures at the FHIR receiver, in the end")
