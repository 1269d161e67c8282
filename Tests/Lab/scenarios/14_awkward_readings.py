"""Two readings in one minute, two alike without a time, a factory clock, a memory sent again: what should arrive does."""
import datetime

from peripherals import reading

LIMIT = 420


async def scenario(lab):
    fhir = await lab.fhir()
    await lab.vitalsd([lab.fhir_destination(fhir)])
    await lab.patient()
    await lab.consent()
    cuff = await lab.paired_cuff(128, 81)
    expected = 1

    async def send(what, values, new):
        nonlocal expected
        lab.say(what)
        begin = lab.journal.here
        await cuff.remember(values)
        await lab.event(cuff, "memory sent", since=begin, limit=120)
        await lab.asleep(cuff)
        expected += new
        lab.equal(len(await lab.readings()), expected, f"{what}: readings in the store")
        await fhir.receives(expected, limit=120)

    now = cuff.now()
    await send("two different readings with one time stamp", [reading(141, 91, at=now), reading(143, 92, at=now)], 2)
    await send("the same two, sent again", [reading(141, 91, at=now), reading(143, 92, at=now)], 0)
    # Each was confirmed before the next one came, so they are two.
    await send("a reading without a time stamp", [reading(133, 83, at=None)], 1)
    await send("one like it, later", [reading(133, 83, at=None)], 1)
    factory = datetime.datetime(2015, 1, 1, 0, 0, 0)
    await send("a reading with the factory's clock", [reading(138, 86, at=factory)], 1)
    await send("another one after the batteries were changed", [reading(139, 87, at=factory)], 1)
    await send("a time stamp with an unknown year", [bytes.fromhex("027d005000ff0700000b160a1e00")], 1)
