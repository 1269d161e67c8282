"""The adapter is taken away in mid-session, given back, replaced: recovery without restart or pairing, and a true status."""

# An unplugged adapter ends links whose sockets are open: on Debian's 6.1.192 that is the kernel's own fault.
LINKS_END_UNDER_US = True
LIMIT = 420


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff()
    lab.equal((await lab.status())["adapter"]["state"], "ready", "the adapter's state")

    async def adapter_is(state, limit=60):
        async def so():
            return (await lab.status())["adapter"]["state"] == state
        await lab.until(so, limit, f"the adapter to be called {state}", every=0.5)

    lab.say("taken away while a reading waits for its commit")
    begin = lab.journal.here
    with lab.daemon.locked():
        second = await cuff.measure(131, 84)
        await lab.event(cuff, "indicated", since=begin, limit=60)
        await lab.unplug()
        await lab.event(cuff, "disconnected", since=begin)
        lab.equal(cuff.events("confirmed", since=begin), [], "confirmations while nothing can be committed")
    await adapter_is("absent")
    await lab.warning("bluetooth-adapter-absent")
    await lab.plug()
    await lab.event(cuff, "confirmed", since=begin, value=second.hex(), limit=120)
    await adapter_is("ready")
    await lab.no_warning("bluetooth-adapter-absent")
    await lab.readings_become(2)
    await lab.asleep(cuff)

    lab.say("replaced by one with another address")
    await lab.unplug()
    await adapter_is("absent")
    await lab.plug(lab.OTHER_ADAPTER)
    third = await cuff.measure(132, 85)
    await lab.event(cuff, "confirmed", since=begin, value=third.hex(), limit=120)
    await adapter_is("ready")
    await lab.readings_become(3)
    lab.equal(cuff.events("pairing", since=begin), [], "pairings")
    lab.equal(len(cuff.events("encrypted", since=begin, bonded=True)), len(cuff.events("connected", since=begin)),
              "links encrypted with the stored key")
