"""A person is erased: their cuff sends its whole memory again and nothing comes back, nor stands any of it in a file."""
from markers import CITIZEN_NUMBER
from peripherals import reading

LIMIT = 300
MEMORY = 30


async def scenario(lab):
    record = await lab.fhir()
    await lab.vitalsd()
    for person in ("An", "Bình"):
        await lab.patient(person)
    pseudonym, = [p["id"] for p in (await lab.vitals("patients", "list", "--json")).json if p["name"] == lab.called("An")]
    await lab.daemon.stop()
    # The second server knows her by a number of its own, and has no such person: her readings wait there.
    hospital = {**lab.fhir_destination(record, "hospital"), "patient": {"by": "id", "ids": {pseudonym: CITIZEN_NUMBER}}}
    await lab.vitalsd([lab.fhir_destination(record), hospital])
    for destination in ("record", "hospital"):
        await lab.consent(destination=destination)

    lab.say("a cuff with a full memory is hers, and all of it is kept and told")
    cuff = lab.cuff()
    memory = cuff.burst(MEMORY)
    await cuff.remember(memory)
    await lab.pair(cuff)
    await lab.event(cuff, "memory sent", limit=90)
    kept = await lab.readings_become(MEMORY)
    lab.equal({r["patientName"] for r in kept}, {lab.called("An")}, "whose they are")
    await record.receives(MEMORY, limit=90)
    await lab.asleep(cuff)

    def standing():
        """What of her readings stands in a file of the data folder: their bytes, as the database has them, and their ids."""
        octets = b"".join(path.read_bytes() for path in sorted(lab.daemon.data.rglob("*")) if path.is_file())
        wanted = [bytes(str(list(value)).replace(" ", ""), "ascii") for value in memory]
        wanted += [value for value in memory] + [one["id"].encode() for one in kept]
        return sum(1 for one in wanted if one in octets)
    # The raw octets stand nowhere even so; the two others do.
    lab.check(standing() >= 2 * MEMORY, f"only {standing()} of {2 * MEMORY} traces are found while all is kept")

    lab.say("erased")
    await lab.erase("An")
    lab.equal(await lab.readings(), [], "readings after it")
    lab.equal(standing(), 0, "traces of her readings in the files")

    lab.say("the cuff sends its memory twice more, the second time after a restart")
    told = len(await record.observations())
    for round in range(2):
        begin = lab.journal.here
        await cuff.remember(memory)
        await lab.event(cuff, "memory sent", since=begin, limit=120)
        await lab.asleep(cuff)
        lab.equal(await lab.readings(), [], "readings that came back")
        lab.equal(standing(), 0, "traces of her readings in the files")
        if round == 0:
            await lab.daemon.restart()

    lab.say("what is new is kept, and is nobody's until somebody is given the cuff")
    begin = lab.journal.here
    new = reading(133, 84, at=cuff.now(), pulse=66)
    await cuff.remember([*memory[-2:], new])
    await lab.event(cuff, "memory sent", since=begin, limit=120)
    only, = await lab.readings_become(1)
    lab.equal((only["raw"].lower(), only.get("patient")), (new.hex(), None), "the one reading, and whose it is")
    lab.equal(standing(), 0, "traces of her readings in the files")
    lab.equal(len(await record.observations()), told, "what was told about her since")
    lab.equal([p["name"] for p in (await lab.vitals("patients", "list", "--json")).json], [lab.called("Bình")], "who is left")
