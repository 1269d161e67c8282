"""A known cuff after a restart and an adapter reset: encrypted, no pairing, at most one request; a changed database."""

LIMIT = 480


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff(121, 80)
    taken = 1

    async def known(what, most, before="confirmed", of=cuff, **more):
        """One more reading of a known cuff: encrypted, not paired again, and with few requests before it."""
        nonlocal taken
        lab.say(what)
        begin = lab.journal.here
        value = await of.measure(121 + taken, 80, **more)
        await lab.event(of, "confirmed", since=begin, value=value.hex(), limit=90)
        lab.check(of.events("encrypted", since=begin, bonded=True), f"{what}: not encrypted with the stored key")
        lab.equal(of.events("pairing", since=begin), [], f"{what}: pairings")
        asked = of.requests_before(of.events(before, since=begin, value=value.hex())[0])
        lab.check(asked <= most, f"{what}: {asked} ATT requests before the reading was {before}, at most {most} allowed")
        taken += 1
        readings = await lab.readings_become(taken)
        lab.check(value.hex() in [r["raw"].lower() for r in readings], f"{what}: the reading is not the one that was sent")
        await lab.asleep(of)

    await known("same daemon", 1)
    await lab.daemon.restart()
    await known("daemon restarted", 1)
    await lab.unplug()
    await lab.plug()
    await known("adapter reset", 1)

    plain = await lab.paired_cuff(200 - 79, 80, name="LAB-NOHASH", address="F0:F1:F2:F3:F4:10", hash=False)
    taken += 1
    await known("a cuff without a hash that kept its subscription", 0, of=plain)
    await plain.off()

    for database, announce in ((2, True), (1, False)):
        what = f"changed database, {'with' if announce else 'without'} Service Changed"
        await cuff.change_database(database, announce=announce)
        begin = lab.journal.here
        await known(what, 100)
        lab.check(cuff.events("notified", since=begin), f"{what}: the cuff did not play its trick")
        lab.equal(bool(cuff.events("confirmed", since=begin, value="0100ffff")), announce, f"{what}: Service Changed confirmed")
        lab.check(any(r["name"].startswith(("Read By Group", "Read By Type", "Find")) for r in
                      cuff.events("request", since=begin)), f"{what}: nothing was discovered again")
        values = [r["values"]["systolic"]["value"] for r in await lab.readings()]
        lab.check(222 not in values, f"{what}: a PDU on an old handle was believed")
        await known(f"{what}, once more", 1)

    # Without a hash only Service Changed can tell.
    teller = await lab.paired_cuff(200 - 79, 80, name="LAB-TELLER", address="F0:F1:F2:F3:F4:20", hash=False)
    taken += 1
    await teller.change_database(2)
    begin = lab.journal.here
    await known("a cuff without a hash that tells of its changed database", 100, of=teller)
    lab.check(teller.events("confirmed", since=begin, value="0100ffff"), "Service Changed was not confirmed")
    values = [r["values"]["systolic"]["value"] for r in await lab.readings()]
    lab.check(222 not in values, "a PDU on an old handle was believed")
    await teller.off()

    # A habit that changed can only be noticed; from then on one request, whichever the habit is.
    cuff.keeps_subscriptions = False
    await known("a cuff that has begun to forget its subscriptions: noticed", 2, before="indicated")
    await known("a cuff that forgets its subscriptions", 1, before="indicated")
    cuff.keeps_subscriptions = True
    await known("subscriptions kept again", 1, before="indicated")
