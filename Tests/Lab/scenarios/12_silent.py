"""A peripheral that never answers ends the session with the reason, and the others are read meanwhile."""

LIMIT = 420


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    silent = lab.silent()
    await silent.measure(150, 95)
    result = await lab.pair(silent, check=False, limit=120)
    lab.check(result.status != 0, "vitals pair believes that it paired a device that never answered")
    said = result.out + result.err
    lab.check("answer" in said.lower() or "respond" in said.lower(), f"vitals pair does not say why: {said!r}")
    lab.check(silent.events("request"), "the silent peripheral was asked something")
    await lab.asleep(silent, limit=90)
    await silent.off()

    lab.say("a known cuff falls silent: its session ends; another cuff is read before that")
    cuff = await lab.paired_cuff(hash=True)
    cuff.answers = False
    cuff.keeps_subscriptions = False  # something must be asked of it
    begin = lab.journal.here
    await cuff.measure(140, 90)
    await lab.event(cuff, "request", since=begin, limit=60)
    other = await lab.paired_cuff(117, 75, name="LAB-OTHER", address="F0:F1:F2:F3:F4:41")
    lab.check(other.events("confirmed"), "the other cuff was read")
    await lab.event(cuff, "disconnected", since=begin, limit=90)
    lab.check("answer" in lab.daemon.log().lower(), "the daemon's log gives the reason")
    lab.equal(len(await lab.readings()), 2, "readings")

    lab.say("it answers again, and its reading comes")
    cuff.answers = True
    await lab.event(cuff, "confirmed", since=begin, limit=120)
    await lab.readings_become(3)
