"""The peripherals of the families notice what they are there to notice, with a bare client that does it wrong."""
import struct

from kernel import BT_SECURITY, MEDIUM, RANDOM, SOL_BLUETOOTH, Listener, Management, octets
from peripherals import BP2W, UA651, Omron
from peripherals.omron import HEM_7361T, frame, record
from peripherals.ua651 import user_reading
from peripherals.viatom import NEVER, packet


# Two of Debian's kernels do not survive that a socket is still open when its link ends (Decisions/KernelFaultOnClose.md): this
# client closes its own before, which leaves the link.


async def scenario(lab):
    lab.errors_expected = True
    management, listener = Management(), Listener()
    try:
        await lab.until(lambda: powered(management), 10, "hci0 to take power")
        management.answers[management.USER_CONFIRM] = lambda p: management.post(0x001C, p[:7])
        await hasty(lab, management, listener)
        await slow(lab, management, listener)
        await forbidden(lab, management, listener)
        await cleared(lab, management, listener)
    finally:
        listener.close()
        management.close()


async def hasty(lab, management, listener):
    lab.say("A&D: discovery at once switches it off")
    cuff = lab.peripheral(UA651, patience=30, secure=False)  # this client is no quicker than the machine
    await link(lab, management, listener, cuff, [user_reading(120, 80, 60, cuff.now())], b"\x10\x01\x00\xff\xff\x00\x28")
    lab.equal((await lab.event(cuff, "powered off"))["reason"], "E10", "why it is off")
    await gone(lab, management, cuff)


async def slow(lab, management, listener):
    lab.say("A&D: nothing written in its window switches it off, and a subscription alone is not enough")
    begin = lab.journal.here
    # The kernel ends the link two seconds after its last socket is closed: the window is shorter here.
    cuff = lab.peripheral(UA651, secure=False, window=1.5)
    bearer = await link(lab, management, listener, cuff, [user_reading(121, 81, 61, cuff.now())])
    await bearer.write(cuff.handle_of("2A35") + 1, b"\2\0")
    bearer.close()
    lab.equal((await lab.event(cuff, "powered off", since=begin))["reason"], "not ready in time", "why it is off")
    lab.equal(cuff.events("indicated", since=begin), [], "readings that it sent before its clock was set")
    await gone(lab, management, cuff)


async def forbidden(lab, management, listener):
    lab.say("BP2W: a command that must never be sent is noticed, each of them")
    cuff = lab.peripheral(BP2W)
    bearer = await link(lab, management, listener, cuff)
    for number, command in enumerate(sorted(NEVER | {0xE1})):
        bearer.socket.send(struct.pack("<BH", 0x52, cuff.handle_of("8B00ACE7EB0B49B0BBE99AEE0A26E1A3"))
                           + packet(command, b"", number, to_host=False))
    await lab.event(cuff, "command", count=len(NEVER) + 1)
    lab.equal({event.get("never") for event in cuff.events("error")}, NEVER, "what was noticed")
    bearer.close()
    await gone(lab, management, cuff)


async def cleared(lab, management, listener):
    lab.say("Omron: its key is asked for; a cleared CCCD costs the bond")
    cuff = lab.peripheral(Omron)
    cuff.keep(1, record(HEM_7361T.record, 130, 80, 70, cuff.now()))
    await cuff.pairing_mode()
    await management.pair(cuff.address, limit=lab.limit(30))
    await lab.event(cuff, "paired")
    await management.disconnect(cuff.address)
    await lab.event(cuff, "disconnected")
    await management.await_device(cuff.address)
    bearer = await listener.accept(lab.limit(30))
    await bearer.raise_security(limit=lab.limit(20))
    channel = cuff.handle_of("DB5B55E0AEE711E1965E0002A5D5C51B")
    await bearer.write(channel, frame(0x0000, 0, b"", 0x10))
    await lab.event(cuff, "ignored")
    lock = cuff.handle_of("B305B680AEE711E1A7300002A5D5C51B")
    for command, answer in ((0x01, "810f"), (0x02, "8200"), (0x00, "8000"), (0x01, "8100")):
        await bearer.write(lock, bytes([command]) + bytes(range(16)))
        lab.equal((await bearer.next(lab.limit(10)))[3:5].hex(), answer, f"the lock's answer to {command:02X}")
    await bearer.write(channel, frame(0x0000, 0, b"", 0x10))
    lab.equal((await bearer.next(lab.limit(10)))[3:].hex(), "0880000000100098", "the answer to the opening")
    await bearer.write(cuff.handle_of("4D0BF320AEE811E1A0D90002A5D5C51B") + 1, b"\0\0")
    await lab.event(cuff, "bond lost")
    lab.equal(cuff.bonds_lost, 1, "bonds lost")
    bearer.close()
    await management.disconnect(cuff.address)
    begin = lab.journal.here
    bearer = await listener.accept(lab.limit(30))
    bearer.socket.setsockopt(SOL_BLUETOOTH, BT_SECURITY, bytes([MEDIUM, 0]))
    bearer.close()
    await lab.event(cuff, "key missing", since=begin)
    lab.equal(cuff.events("encrypted", since=begin), [], "links encrypted with a key that the cuff has lost")
    await gone(lab, management, cuff)


async def link(lab, management, listener, peripheral, values=(), first=None):
    await management.await_device(peripheral.address)
    if values:
        await peripheral.remember(list(values))
    else:
        await peripheral.advertise()
    bearer = await listener.accept(lab.limit(30))
    if first:
        bearer.socket.send(first)
        bearer.close()
    return bearer


async def gone(lab, management, peripheral):
    await management.command(0x0034, octets(peripheral.address) + bytes([RANDOM]))
    await peripheral.off()


async def powered(management):
    try:
        await management.ready()
        return True
    except Exception:
        return False
