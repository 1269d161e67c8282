"""A cuff that cannot bond: read all the same where its profile allows it, and its readings say that they are unauthenticated."""
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

    lab.say("its profile wants a bond from now on: nothing is taken in clear, and a person is told at once")
    await lab.asleep(cuff)
    profile = lab.profiles() / "sig" / "blood-pressure" / "profile.yaml"
    allowed = profile.read_text()
    strict = allowed.replace("bond: preferred", "bond: required")
    lab.check(strict != allowed, "the profile prefers a bond")
    profile.write_text(strict)
    await lab.vitals("reload")
    warning, = await lab.warnings("bluetooth-bond-stale")
    lab.check("without a bond" in warning["title"] and "--again" in warning["remedy"], f"what is said: {warning}")
    begin = lab.journal.here
    kept = await cuff.measure(127, 84)
    await lab.event(cuff, "disconnected", since=begin, limit=60)
    lab.equal([e["name"] for e in cuff.events("request", since=begin)], [], "requests")
    lab.equal(cuff.events("confirmed", since=begin), [], "readings taken in clear")
    lab.equal(len(await lab.readings()), 2, "readings")

    lab.say("and as before when the profile does")
    profile.write_text(allowed)
    await lab.vitals("reload")
    await lab.event(cuff, "confirmed", since=begin, value=kept.hex(), limit=90)
    await lab.no_warning("bluetooth-bond-stale")
    lab.equal({r["authentication"] for r in await lab.readings_become(3)}, {"unauthenticated"}, "authentication")
