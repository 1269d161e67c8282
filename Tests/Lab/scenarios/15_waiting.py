"""Thousands of readings wait for a server that is away: memory stays within 10 MB of idle, and all arrive, once."""

# In the emulated machine a reading takes a third of a second. Ten thousand are in StoreTests.
LIMIT, LIMIT_LONG = 600, 3600
PIECE = 100


async def scenario(lab):
    fhir = await lab.fhir()
    await fhir.mode("down")
    await lab.vitalsd([lab.fhir_destination(fhir)])
    await lab.patient()
    await lab.consent()
    cuff = await lab.paired_cuff()
    idle = lab.daemon.memory()
    total = lab.count(300, 2000)
    values = cuff.burst(total)
    highest = idle["rss"]
    for start in range(0, total, PIECE):
        begin = lab.journal.here
        await cuff.remember(values[start:start + PIECE])
        await lab.event(cuff, "memory sent", since=begin, limit=300)
        await lab.asleep(cuff)
        highest = max(highest, lab.daemon.memory()["rss"])
    lab.equal(len(lab.daemon.on_disk()), total + 1, "readings in the store")
    lab.note = f"{total} waiting: {idle['rss']} KiB idle, {highest} KiB at most"
    lab.check(highest - idle["rss"] <= 10 * 1024, f"memory grew from {idle['rss']} to {highest} KiB")

    await fhir.mode("up")

    async def all_delivered():
        return all(d["waiting"] == 0 for d in (await lab.status())["destinations"])
    await lab.until(all_delivered, lab.count(300, 1800), "nothing to wait any more", every=2)
    lab.equal(len(await fhir.observations()), total + 1, "blood pressures at the FHIR receiver")
