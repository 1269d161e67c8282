"""A bonded cuff that changes its address is known by its identity: after its new address, and after a restart of ours."""

LIMIT, LIMIT_LONG = 300, 600


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = lab.cuff(private=True)
    await cuff.on()
    paired_as = cuff.seen_as
    lab.check(paired_as != cuff.address, "the cuff is on the air under its identity")
    await cuff.measure(121, 79)
    await lab.pair(cuff)
    await lab.event(cuff, "memory sent")
    await lab.asleep(cuff)
    lab.equal([device["id"] for device in (await lab.vitals("devices", "--json")).json], [f"ble:{cuff.address}"],
              "the device's name")
    lab.equal(len(lab.daemon.query("SELECT * FROM identity_resolving_keys")), 1, "identity resolving keys in the store")

    addresses = {paired_as}

    async def read_again(systolic):
        await cuff.off()
        begin = lab.journal.here
        await cuff.measure(systolic, 80)
        addresses.add(cuff.seen_as)
        await lab.delivered(cuff, begin, limit=90)
        await lab.asleep(cuff)
        lab.equal(lab.journal.find(event="paired", since=begin), [], "pairings of a known cuff")

    lab.say("under another address")
    await read_again(122)
    lab.say("after a restart of the gateway")
    await lab.daemon.restart()
    await read_again(123)
    lab.say("after the gateway was killed, with the adapter plugged in anew")
    await lab.daemon.kill()
    await lab.unplug()
    await lab.plug()
    await lab.daemon.start()
    await read_again(124)
    lab.equal(len(addresses), 4, "addresses that the cuff went by")
    readings = await lab.readings()
    lab.equal(len(readings), 4, "readings")
    lab.equal({reading["device"] for reading in readings}, {f"ble:{cuff.address}"}, "the device of all readings")
    lab.equal(await lab.warnings("untrusted-link|pairing-refused"), [], "warnings about the cuff")

    lab.say("unpaired, its key is gone from the store, and its next address is a stranger's")
    await lab.vitals("unpair", f"ble:{cuff.address}")
    lab.equal(lab.daemon.query("SELECT * FROM identity_resolving_keys"), [], "identity resolving keys in the store")
    await cuff.off()
    begin = lab.journal.here
    await cuff.measure(125, 80)
    await lab.holds(lambda: not cuff.events("connected", since=begin), 10, "nobody links to a stranger")
