"""bluetoothd starts and stops beside us: nothing is armed or confirmed while it runs, and all recovers afterwards."""

LIMIT = 420


async def scenario(lab):
    await lab.vitalsd()
    await lab.patient()
    cuff = await lab.paired_cuff()

    async def adapter_is(state, limit=60):
        async def so():
            return (await lab.status())["adapter"]["state"] == state
        await lab.until(so, limit, f"the adapter to be called {state}", every=0.5)

    for number, how in enumerate(("stopped", "killed")):
        begin = lab.journal.here
        rival = await lab.bluetoothd()
        await adapter_is("rival")
        warning = await lab.warning("bluetooth-rival-service")
        lab.check(warning["remedy"], "the warning says what to do")
        value = await cuff.measure(131 + number, 84)
        await lab.holds(lambda: not cuff.events("confirmed", since=begin), 10, "nothing is confirmed while bluetoothd runs")
        refused = await lab.pair(cuff, check=False)
        lab.check(refused.status != 0, "vitals pair went on beside bluetoothd")
        if how == "stopped":
            await rival.stop()
        else:
            await rival.kill()
        await lab.event(cuff, "confirmed", since=begin, value=value.hex(), limit=120)
        await adapter_is("ready")
        await lab.no_warning("bluetooth-rival-service")
        await lab.readings_become(2 + number)
        lab.equal(cuff.events("pairing", since=begin), [], "pairings")
        confirmed = {event["value"] for event in cuff.events("confirmed")}
        lab.equal(confirmed - set(lab.daemon.on_disk()), set(), "confirmed, and not stored")
        await lab.asleep(cuff)
