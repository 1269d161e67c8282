"""A cuff that cannot bond: read all the same, and marked as unauthenticated in the provenance of its readings."""
from peripherals import Pairing


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff(125, 82, pairing=Pairing(possible=False))
    reading, = await lab.readings_become(1)
    lab.equal(reading["authentication"], "unauthenticated", "authentication")
    await lab.daemon.restart()
    begin = lab.journal.here
    await cuff.measure(126, 83)
    await lab.delivered(cuff, begin, limit=90)
    readings = await lab.readings_become(2)
    lab.equal({r["authentication"] for r in readings}, {"unauthenticated"}, "authentication")
    lab.equal(cuff.events("encrypted"), [], "encrypted links with a cuff that cannot encrypt")
