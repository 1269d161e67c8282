"""The rig itself, with a bare client: discovery, pairing, confirmations held back, kept keys and CCCDs, strangers."""
import asyncio
import contextlib
import struct

from kernel import HIGH, MEDIUM, RANDOM, Bearer, Listener, Management, octets
from peripherals import Pairing

CCCD_INDICATE = b"\2\0"


async def scenario(lab):
    management, listener = Management(), Listener()
    try:
        await rig(lab, management, listener)
    finally:
        listener.close()
        management.close()


async def rig(lab, management, listener):
    await lab.until(lambda: powered(management), 10, "hci0 to take power")
    supported, current = await management.settings()
    lab.check(current & 0x0801 == 0x0801,
              f"Secure Connections are not on: settings 0x{current:X}, supported 0x{supported:X}")
    # Yes to every comparison: just works asks one, too.
    management.answers[management.USER_CONFIRM] = lambda p: management.post(0x001C, p[:7])

    cuff = lab.cuff()
    first = await cuff.measure(128, 81)
    address, name = await management.discover(lab.limit(20))
    lab.equal((address, name), (cuff.address, cuff.name), "what discovery found")

    lab.say("pairing: just works, LE Secure Connections")
    await management.pair(cuff.address, limit=lab.limit(30))
    key = await management.event(management.NEW_LTK, limit=lab.limit(10))
    lab.equal((key[0], key[8]), (1, 2), "store hint and key type (unauthenticated P-256)")
    lab.equal((await lab.event(cuff, "paired"))["secure_connections"], True, "the cuff's view of the key")
    await until_unlinked(lab, management, cuff)

    lab.say("first session: subscribe, and hold the confirmation back")
    await management.await_device(cuff.address)
    await cuff.advertise()
    bearer = await session(lab, listener)
    handle = cuff.handle_of("2A35")
    lab.equal((await bearer.write(handle + 1, CCCD_INDICATE))[0], 0x13, "the answer to subscribing")
    indication = await bearer.next(lab.limit(10))
    lab.equal(indication, struct.pack("<BH", 0x1D, handle) + first, "the indication")
    await lab.holds(lambda: not cuff.events("confirmed"), 3, "the cuff waits for its confirmation")
    bearer.confirm()
    confirmed = await lab.event(cuff, "confirmed")
    lab.equal(cuff.requests_before(confirmed), 1, "ATT requests before the first reading")
    await until_unlinked(lab, management, cuff, bearer)

    lab.say("second session: kept key and kept CCCD, no request at all, no pairing")
    begin = lab.journal.here
    second = await cuff.measure(131, 84)
    bearer = await session(lab, listener)
    indication = await bearer.next(lab.limit(10))
    lab.equal(indication[3:], second, "the second reading")
    bearer.confirm()
    confirmed = await lab.event(cuff, "confirmed", since=begin)
    lab.equal(cuff.requests_before(confirmed), 0, "ATT requests before the reading of a known cuff")
    lab.equal(cuff.events("pairing", since=begin), [], "pairings of a known cuff")
    await until_unlinked(lab, management, cuff, bearer)

    lab.say("a device that advertises once and vanishes leaves nothing behind")
    begin, seen = lab.journal.here, len(management.events)
    await cuff.stop_advertising()
    await cuff.advertise_once()
    await lab.holds(lambda: not cuff.events("connected", since=begin), 2, "no link with a device that vanished")
    lab.check(management.CONNECTED not in [c for c, _ in management.events[seen:]],
              "the kernel believes in a link with a device that vanished")

    lab.say("the adapter is taken away in mid-session, and comes back")
    begin = lab.journal.here
    third = await cuff.measure(140, 90)
    bearer = await session(lab, listener)
    await bearer.next(lab.limit(10))
    await lab.unplug()
    await asyncio.wait_for(bearer.ended.wait(), lab.limit(10))
    bearer.close()
    lost = await lab.event(cuff, "disconnected", since=begin)
    lab.equal(lost["unconfirmed"], third.hex(), "what the cuff could not deliver")
    await lab.plug()
    await lab.until(lambda: powered(management), 10, "hci0 to come back")
    await management.command(0x0013, struct.pack("<H", 1) + key[1:37])
    await management.await_device(cuff.address)
    bearer = await session(lab, listener)
    lab.equal((await bearer.next(lab.limit(10)))[3:], third, "the reading that was not confirmed")
    bearer.confirm()
    await lab.event(cuff, "memory sent", since=begin)
    await until_unlinked(lab, management, cuff, bearer)

    await crowd(lab, management, listener)

    lab.say("a stranger with the cuff's address, our key in the kernel: it indicates in clear, and never becomes secure")
    await cuff.off()
    stranger = lab.stranger()
    await stranger.advertise()
    bearer = await listener.accept(lab.limit(20))
    await lab.event(stranger, "indicated")
    with contextlib.suppress(ConnectionError, OSError):
        await bearer.raise_security(MEDIUM, lab.limit(5))
        raise AssertionError("the stranger's link counts as encrypted")
    lab.equal(stranger.events("confirmed"), [], "confirmations to the stranger")
    await stranger.off()
    bearer.close()
    await management.command(0x0034, octets(cuff.address) + bytes([RANDOM]))

    for secure_connections in (False, True):
        kind = "LE Secure Connections" if secure_connections else "legacy"
        lab.say(f"pairing: passkey, {kind}")
        keys = lab.cuff(name=f"LAB-KEY-{secure_connections:d}", address=f"F0:F1:F2:F3:F4:0{secure_connections:d}",
                        pairing=Pairing(secure_connections, passkey=True))
        seen = len(management.events)
        management.answers[management.USER_PASSKEY] = lambda p: lab.peripherals[-1].spawn(type_passkey(lab, management, p))
        await keys.pairing_mode()
        await management.command(0x0018, bytes([4]))
        await management.pair(keys.address, io_capability=4, limit=lab.limit(30))
        key = await management.event(management.NEW_LTK, seen, limit=lab.limit(10))
        lab.equal(key[8], 3 if secure_connections else 1, "key type (authenticated)")
        await until_unlinked(lab, management, keys)
        await management.await_device(keys.address)
        await keys.measure(120, 70)
        bearer = await session(lab, listener, HIGH)
        lab.equal((await bearer.write(keys.handle_of("2A35") + 1, CCCD_INDICATE))[0], 0x13, "the answer to subscribing")
        await bearer.next(lab.limit(10))
        bearer.confirm()
        await lab.event(keys, "memory sent")
        await until_unlinked(lab, management, keys, bearer)
        await management.command(0x0034, octets(keys.address) + bytes([RANDOM]))
        await keys.off()

    lab.say("a silent one, and one that cannot bond")
    silent = lab.silent()
    await management.await_device(silent.address)
    await silent.advertise()
    bearer = await listener.accept(lab.limit(20))
    try:
        await bearer.request(bytes.fromhex("02170000")[:3], 3)
        raise AssertionError("the silent peripheral answered")
    except TimeoutError:
        lab.equal(len(silent.events("request")), 1, "requests that the silent peripheral heard")
    bearer.close()
    await silent.off()
    plain = lab.cuff(name="LAB-PLAIN", address="F0:F1:F2:F3:F4:07", pairing=Pairing(possible=False))
    await management.await_device(plain.address)
    await plain.measure(119, 77)
    bearer = await listener.accept(lab.limit(20))
    lab.equal((await bearer.write(plain.handle_of("2A35") + 1, CCCD_INDICATE))[0], 0x13, "subscribing in clear")
    await bearer.next(lab.limit(10))
    bearer.confirm()
    await lab.event(plain, "confirmed")
    bearer.close()
    strap = lab.strap()
    await management.await_device(strap.address)
    await strap.advertise()
    bearer = await listener.accept(lab.limit(20))
    await bearer.write(strap.handle_of("2A37") + 1, b"\1\0")
    for _ in range(3):
        lab.equal((await bearer.next(lab.limit(10)))[3:5], bytes([0x16, 72]), "a heart rate")
    await until_unlinked(lab, management, strap, bearer)


async def crowd(lab, management, listener):
    """Two more cuffs and a strap at once; a burst cut in the middle; a changed database that plays its trick."""
    lab.say("two cuffs and a strap at once; a burst of 20 cut in the middle")
    burst = lab.cuff(name="LAB-BURST", address="F0:F1:F2:F3:F4:51")
    other = lab.cuff(name="LAB-OTHER", address="F0:F1:F2:F3:F4:52")
    strap = lab.strap(pattern=((2, 72), (2, None)))
    for cuff in (burst, other):
        await cuff.pairing_mode()
        await management.pair(cuff.address, limit=lab.limit(30))
        await until_unlinked(lab, management, cuff)
    for peripheral in (burst, other, strap):
        await management.await_device(peripheral.address)
    values = burst.burst(20)
    await strap.advertise()
    beats = await listener.accept(lab.limit(30))
    await beats.write(strap.handle_of("2A37") + 1, b"\1\0")
    await burst.remember(values)
    bearer = await session(lab, listener)
    await bearer.write(burst.handle_of("2A05") + 1, CCCD_INDICATE)
    await bearer.write(burst.handle_of("2A35") + 1, CCCD_INDICATE)
    for value in values[:7]:
        lab.equal((await bearer.next(lab.limit(10)))[3:], value, "a reading of the burst")
        bearer.confirm()
    await lab.event(burst, "indicated", count=8)
    bearer.close()  # the eighth is never confirmed; closing alone does not end the link of a device that is awaited
    await management.disconnect(burst.address)
    await lab.event(burst, "disconnected", count=2)
    single = await other.measure(117, 75)
    waiting = {burst: values[7:], other: [single]}
    for _ in range(2):
        bearer = await session(lab, listener)
        peripheral = burst if burst.connection else other
        if peripheral is other:
            await bearer.write(other.handle_of("2A35") + 1, CCCD_INDICATE)
        for value in waiting.pop(peripheral):
            lab.equal((await bearer.next(lab.limit(10)))[3:], value, f"a reading of {peripheral.name}")
            bearer.confirm()
        await lab.event(peripheral, "memory sent")
        await until_unlinked(lab, management, peripheral, bearer)
    seen = {(await beats.next(lab.limit(10)))[3:5] for _ in range(4)}
    lab.equal(seen, {bytes([0x16, 72]), bytes([0x04, 0])}, "the strap with and without contact")

    lab.say("new firmware: another hash, Service Changed, and a decoy on the old handle")
    old, hash_before = burst.handle_of("2A35"), burst.database_hash()
    await burst.change_database(2)
    lab.check(burst.database_hash() != hash_before, "the hash is the same for another database")
    value = await burst.measure(119, 76)
    bearer = await session(lab, listener)
    lab.equal((await bearer.next(lab.limit(10)))[0:3], struct.pack("<BH", 0x1D, burst.handle_of("2A05")), "Service Changed")
    bearer.confirm()
    decoy = await bearer.next(lab.limit(10))
    lab.equal(decoy[0:3], struct.pack("<BH", 0x1B, old), "the decoy")
    indication = await bearer.next(lab.limit(10))
    lab.equal(indication, struct.pack("<BH", 0x1D, burst.handle_of("2A35")) + value, "the reading")
    bearer.confirm()
    answer = await bearer.request(bytes([0x08]) + struct.pack("<HHH", 1, 0xFFFF, 0x2B2A))
    lab.equal(answer[4:].hex(), burst.database_hash(), "the hash as it is read")
    await lab.event(burst, "memory sent", count=2)
    await until_unlinked(lab, management, burst, bearer)
    await until_unlinked(lab, management, strap, beats)
    for peripheral in (burst, other, strap):
        await management.command(0x0034, octets(peripheral.address) + bytes([RANDOM]))
        await peripheral.off()


async def powered(management):
    try:
        await management.ready()
        return True
    except Exception:
        return False


async def session(lab, listener, level=MEDIUM):
    bearer = await listener.accept(lab.limit(30))
    assert isinstance(bearer, Bearer)
    await bearer.raise_security(level, lab.limit(20))
    return bearer


async def until_unlinked(lab, management, peripheral, bearer=None):
    begin = lab.journal.here
    if bearer:
        bearer.close()
    if peripheral.connection:
        # Seen once on 6.1.192: Disconnect is answered with success, and no HCI command follows it.
        for again in range(4):
            with contextlib.suppress(Exception):
                await management.disconnect(peripheral.address)
            with contextlib.suppress(Exception):
                await lab.event(peripheral, "disconnected", since=max(0, begin - 3), limit=8 if again < 3 else 30)
                break
        await lab.event(peripheral, "disconnected", since=max(0, begin - 3), limit=1)
    # A link that we ended is not awaited again until the device has something to say.
    await peripheral.stop_advertising()


async def type_passkey(lab, management, parameters):
    """What a person does: reads the number on the cuff, types it."""
    shown = await lab.event(lab.peripherals[-1], "passkey")
    await management.command(0x001E, parameters[:7] + struct.pack("<I", int(shown["number"])))
