"""What all emulated peripherals have in common: power, advertising, pairing, kept bonds and CCCDs, and a journal of every
ATT request, subscription, indication and confirmation, as the peripheral itself sees them.

Bumble drops CCCDs with the connection even for bonded peers, and calls back for every CCCD; both are handled here.
"""
import asyncio
import contextlib
import secrets
import struct

from bumble import att, ll, smp
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, Service
from bumble.hci import Address, HCI_Constant, HCI_Error, HCI_ErrorCode
from bumble.host import Host
from bumble.keys import MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.profiles.gatt_service import GenericAttributeProfileService

from radio import PeripheralController

REQUESTS = {0x02: "Exchange MTU", 0x04: "Find Information", 0x06: "Find By Type Value", 0x08: "Read By Type", 0x0A: "Read",
            0x0C: "Read Blob", 0x0E: "Read Multiple", 0x10: "Read By Group Type", 0x12: "Write", 0x16: "Prepare Write",
            0x18: "Execute Write", 0x20: "Read Multiple Variable"}
COMMANDS = {0x52: "Write Command", 0xD2: "Signed Write Command"}
CONFIRMATION = 0x1E
CCCD = 0x2902
WITH_HANDLE = (0x0A, 0x0C, 0x12, 0x16, 0x52, 0xD2)


class LinkLost(Exception):
    """The link ended while the peripheral waited for its confirmation."""


def characteristic(uuid, properties, value=b"", secure=False, authenticated=False):
    """A characteristic by its short UUID: characteristic("2A35", "indicate"). `secure`: only over an encrypted link;
    `authenticated`: only with a key that a passkey protected."""
    flags = Characteristic.Properties(0)
    for word in properties.split():
        flags |= Characteristic.Properties[word.upper()]
    allowed = Characteristic.Permissions
    permissions = allowed.READABLE | allowed.WRITEABLE
    if secure:
        permissions |= allowed.READ_REQUIRES_ENCRYPTION | allowed.WRITE_REQUIRES_ENCRYPTION
    if authenticated:
        permissions |= allowed.READ_REQUIRES_AUTHENTICATION | allowed.WRITE_REQUIRES_AUTHENTICATION
    return Characteristic(uuid, flags, permissions, value)


class Pairing:
    """How a peripheral pairs: `secure_connections` or legacy; `passkey` shown on it (a number of six digits, or True for
    a new random one each time), or just works; `possible=False`: it answers "pairing not supported"; `answers=False`: it
    never answers a request to pair."""

    def __init__(self, secure_connections=True, passkey=None, possible=True, answers=True):
        self.secure_connections, self.passkey, self.possible = secure_connections, passkey, possible
        self.answers = answers

    def config(self, peripheral):
        how = self

        class Delegate(PairingDelegate):
            async def accept(self):
                peripheral.say("pairing", possible=how.possible)
                if peripheral.connection:  # a new bond starts without subscriptions
                    peripheral.kept.pop(peripheral._peer(peripheral.connection), None)
                if not how.answers:
                    await asyncio.Event().wait()
                return how.possible

            async def generate_passkey(self):
                return await super().generate_passkey() if how.passkey is True else how.passkey

            async def display_number(self, number, digits):
                peripheral.say("passkey", number=f"{number:06}")

        io = PairingDelegate.IoCapability
        return PairingConfig(
            sc=self.secure_connections, mitm=bool(self.passkey), bonding=self.possible,
            delegate=Delegate(io.DISPLAY_OUTPUT_ONLY if self.passkey else io.NO_OUTPUT_NO_INPUT))


class LegacyKeys(smp.Session):
    """Legacy pairing as devices do it: a key with a diversifier and a random number (Bumble's are zero), so that a host
    which forgets to keep them is found out."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.ltk_ediv, self.ltk_rand = secrets.randbelow(0xFFFF) + 1, secrets.token_bytes(8)

    def get_long_term_key(self, rand, ediv):
        if not self.sc and not self.completed:  # the short-term key of the pairing itself has neither
            return self.stk if (rand, ediv) == (bytes(8), 0) else None
        return super().get_long_term_key(rand, ediv)


class Peripheral:
    """One device on the air. Subclasses say which services it has (`services`), and what it does when a link is ready
    (`subscribed`, `encrypted`, `linked`). Bonds and CCCDs stay when it is switched off and on."""

    advertised = ()

    def __init__(self, radio, journal, name, address, *, pairing=None, hash=True, keeps_subscriptions=True, interval=0.1,
                 answers=True, private=False):
        """`private`: it goes by a resolvable private address, another one each time it is switched on."""
        self.radio, self.journal, self.name, self.address = radio, journal, name, address
        self.pairing, self.hash, self.keeps_subscriptions = pairing or Pairing(), hash, keeps_subscriptions
        self.interval, self.answers, self.private = interval, answers, private
        self.bonds = MemoryKeyStore()
        self.keys = []          # octets of every key of every pairing, also of bonds that were forgotten
        self.kept = {}          # per bonded peer: {characteristic UUID: CCCD value}
        self.device = self.connection = self.controller = None
        self._window = None
        self._wanted = False
        self._confirmation = self._indicated = None
        self._indicating = asyncio.Lock()
        self._restored = False
        self._cut, self.is_dropping = None, False
        self.steps = 0          # such PDUs so far, over all links

    # To be said by the kinds of peripherals

    def services(self):
        """The services in order, new objects each time: the database is built anew whenever the device is switched on."""
        raise NotImplementedError

    def linked(self):
        """A link is there; nothing is encrypted yet."""

    def encrypted(self):
        """The link is encrypted, and kept subscriptions are valid again."""

    def subscribed(self, characteristic, notify, indicate):
        """The peer wrote a CCCD."""

    def gone(self):
        """The link ended."""

    def cleared(self, uuid):
        """The peer wrote 0x0000 to a CCCD, whatever this stack makes of it."""

    def still_wanted(self):
        """Whether to advertise again after a link has ended."""
        return self._wanted

    # Power and advertising

    @property
    def seen_as(self):
        """The address on the air while it is on."""
        return str(self.device.random_address).split("/")[0]

    async def on(self):
        """Switch on, without advertising."""
        assert self.device is None, f"{self.name} is on already"
        self.controller = PeripheralController(self.name, self.radio.air, self.address)
        host = Host()
        host.controller = self.controller
        device = Device(host=host, config=DeviceConfiguration(
            name=self.name, address=Address(self.address), gatt_service_enabled=False, le_privacy_enabled=self.private,
            irk=bytes.fromhex(self.address.replace(":", "")) + bytes(10)))
        device.keystore = self.bonds
        device.smp_manager.session_proxy = LegacyKeys
        host.long_term_key_provider = self._long_term_key
        device.pairing_config_factory = lambda connection: self.pairing.config(self)
        self.generic = GenericAttributeProfileService(None, database_hash_enabled=self.hash)
        for service in [self.generic, *self.services()]:
            device.add_service(service)
        self._protect_subscriptions(device)
        device.l2cap_channel_manager.register_fixed_channel(att.ATT_CID, self._received)
        device.on("connection", self._linked)
        device.on("characteristic_subscription", self._subscribed)
        await device.power_on()
        device.advertising_data = bytes(AdvertisingData([
            (AdvertisingData.FLAGS, b"\x06"),
            (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
             b"".join(struct.pack("<H", uuid) for uuid in self.advertised)),
            (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
        ]))
        self.device = device
        self.say("on")
        return self

    async def off(self):
        """Vanish in the middle of whatever it does: the other side notices by the supervision timeout."""
        if self.device is None:
            return
        self._close_window()
        device, controller, connection = self.device, self.controller, self.connection
        self.device = self.controller = None
        controller.le_legacy_advertiser.stop()
        self.radio.air.lose(controller, after=0.42)
        self.radio.air.remove_controller(controller)
        if connection:
            # Nobody tells a dead device that its link has ended.
            self._unlinked(connection, HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)
            device.gatt_server.on_disconnection(connection)
        self.say("off")

    async def advertise(self, window=None):
        """Advertise until linked, and again after each link while `still_wanted`; at most `window` seconds."""
        if self.device is None:
            await self.on()
        self._wanted = True
        self._close_window()
        if window:
            self._window = asyncio.get_running_loop().call_later(window, self._window_over)
        await self._advertise()

    async def _advertise(self):
        if self.connection is None and self.device is not None:
            # Bumble takes the controller's units of 0.625 ms for milliseconds.
            milliseconds = self.interval * 1000 * 0.625
            await self.device.start_advertising(advertising_interval_min=milliseconds,
                                                advertising_interval_max=milliseconds)
            if not (self.device and self.device.is_advertising):
                return
            self.say("advertising")

    async def advertise_once(self):
        """One advertisement, and nobody at home for the connect request that answers it."""
        if self.device is None:
            await self.on()
        if self.connection is None:
            # Past the controller's advertiser, which would still take a connect request.
            self.controller.send_advertising_pdu(ll.AdvInd(
                advertiser_address=Address(self.address), data=self.device.advertising_data))
            self.say("advertised once")

    async def stop_advertising(self):
        self._wanted = False
        self._close_window()
        if self.device and self.device.is_advertising:
            await self.device.stop_advertising()
            self.say("stopped advertising")

    def _window_over(self):
        self._window = None
        self._wanted = False
        self.say("window over", linked=self.connection is not None)
        if self.connection is None and self.device:
            self.spawn(self.stop_advertising())
        self.window_over()

    def window_over(self):
        """The advertising window has closed."""

    def _close_window(self):
        if self._window:
            self._window.cancel()
            self._window = None

    async def hang_up(self):
        if self.connection:
            await self.connection.disconnect()

    def cut(self, after, vanish=False):
        """End the link in place of the `after`th ATT PDU from now that it hears or sends unasked (0: as soon as there is a
        link): hang up, or `vanish` and come back."""
        self._cut = (after, vanish)

    def uncut(self):
        self._cut = None

    def _is_cut(self):
        self.steps += 1
        if self.is_dropping or self._cut is None:
            return self.is_dropping
        after, vanish = self._cut
        self._cut = (after - 1, vanish)
        if after <= 1:
            self._cut, self.is_dropping = None, True
            self.say("cut", vanish=vanish)
            self.spawn(self._drop(vanish))
        return self.is_dropping

    async def _drop(self, vanish):
        if not vanish:
            with contextlib.suppress(HCI_Error):  # the other side was quicker
                await self.hang_up()
        else:
            await self.off()
            await asyncio.sleep(0.5)  # until the other side has noticed
            await self.on()
            if self.still_wanted():
                await self._advertise()
        self.is_dropping = False

    async def forget_bonds(self):
        await self.bonds.delete_all()
        self.kept.clear()
        self.say("bonds forgotten")

    # The journal

    def say(self, event, **more):
        return self.journal.write(self.name, event, **more)

    async def event(self, event, **more):
        """The next (or `since=`, `count=`) event of this peripheral."""
        return await self.journal.wait(self.name, event, **more)

    def events(self, event=None, **more):
        return self.journal.find(self.name, event, **more)

    def requests_before(self, event):
        """How many ATT requests and commands the peer sent on the link of this event, before it."""
        links = [e for e in self.events("connected") if e["n"] < event["n"]]
        begin = links[-1]["n"] if links else 0
        return len([e for e in self.events("request", since=begin) if e["n"] < event["n"]])

    def spawn(self, coroutine):
        task = asyncio.ensure_future(coroutine)

        def done(task):
            if not task.cancelled() and task.exception() and not isinstance(task.exception(), LinkLost):
                self.say("error", what=repr(task.exception()))
        task.add_done_callback(done)
        return task

    # ATT, as it comes and goes

    def handle_of(self, uuid):
        return next((a.handle for a in self.device.gatt_server.attributes
                     if isinstance(a, Characteristic) and a.uuid.to_hex_str() == uuid), None)

    def attribute(self, uuid):
        return next(a for a in self.device.gatt_server.attributes
                    if isinstance(a, Characteristic) and a.uuid.to_hex_str() == uuid)

    def _received(self, connection_handle, pdu):
        if self._is_cut():
            return
        opcode = pdu[0]
        if opcode == CONFIRMATION:
            waiting, self._confirmation = self._confirmation, None
            self.say("confirmed", value=self._indicated, awaited=waiting is not None)
            if waiting and not waiting.done():
                waiting.set_result(None)
            return
        if opcode in REQUESTS or opcode in COMMANDS:
            more = {"handle": int.from_bytes(pdu[1:3], "little")} if opcode in WITH_HANDLE else {}
            self.say("request", opcode=opcode, name=REQUESTS.get(opcode) or COMMANDS[opcode], pdu=pdu.hex(), **more)
        else:
            self.say("unexpected", pdu=pdu.hex())
        if opcode in (0x12, 0x52) and pdu[3:5] == b"\0\0" and (owner := self._configured(more["handle"])):
            self.say("cleared", uuid=owner)
            self.cleared(owner)
        if self.answers and self.device:
            try:
                self.device.on_gatt_pdu(connection_handle, pdu)
            except Exception as error:  # a malformed PDU: said, and left without an answer
                self.say("malformed", pdu=pdu.hex(), what=repr(error))

    def _configured(self, handle):
        """The UUID of the characteristic whose CCCD has this handle."""
        owner = None
        for attribute in self.device.gatt_server.attributes if self.device else ():
            if isinstance(attribute, Characteristic):
                owner = attribute.uuid.to_hex_str()
            elif attribute.handle == handle:
                return owner if attribute.type.to_hex_str() == f"{CCCD:04X}" else None
        return None

    def _send(self, pdu):
        if not (self.connection and self.device) or self._is_cut():
            raise LinkLost(self.name)
        self.device.send_l2cap_pdu(self.connection.handle, att.ATT_CID, pdu)

    def notify(self, uuid, value, handle=None):
        handle = handle or self.handle_of(uuid)
        self._send(struct.pack("<BH", 0x1B, handle) + value)
        self.say("notified", uuid=uuid, handle=handle, value=value.hex())

    async def indicate(self, uuid, value, handle=None):
        """Indicate and wait, without a limit, for the confirmation; LinkLost when the link ends first."""
        async with self._indicating:
            handle = handle or self.handle_of(uuid)
            self._confirmation = waiting = asyncio.get_running_loop().create_future()
            self._indicated = value.hex()
            self._send(struct.pack("<BH", 0x1D, handle) + value)
            self.say("indicated", uuid=uuid, handle=handle, value=value.hex())
            await waiting

    # Links, keys and subscriptions

    def _protect_subscriptions(self, device):
        """Bumble's CCCDs are open to all; a real device asks of them what it asks of the value."""
        allowed = Characteristic.Permissions
        owner = None
        for attribute in device.gatt_server.attributes:
            if isinstance(attribute, Characteristic):
                owner = attribute
            elif owner is not None and attribute.type.to_hex_str() == f"{CCCD:04X}":
                attribute.permissions |= owner.permissions & (
                    allowed.WRITE_REQUIRES_ENCRYPTION | allowed.WRITE_REQUIRES_AUTHENTICATION)

    def _linked(self, connection):
        self.connection = connection
        self.is_dropping = False
        self._confirmation, self._indicated, self._indicating = None, None, asyncio.Lock()
        self._restored = False
        peer = self._peer(connection)
        self.say("connected", peer=peer)
        connection.on("disconnection", lambda reason: self._unlinked(connection, reason))
        connection.on("connection_encryption_change", lambda: self.spawn(self._encryption_changed(connection)))
        connection.on("pairing", self._paired)
        connection.on("pairing_failure", lambda reason: self.say("pairing failed", reason=int(reason)))
        self.linked()
        if self._cut and self._cut[0] == 0:
            self._is_cut()

    def _paired(self, keys):
        every = [keys.ltk, keys.ltk_central, keys.ltk_peripheral, keys.irk, keys.csrk]
        # Bumble's identity key is all zeros unless it is given another.
        self.keys += [bytes(key.value) for key in every if key and any(key.value)]
        ltk = keys.ltk or keys.ltk_central or keys.ltk_peripheral
        self.say("paired", authenticated=bool(ltk and ltk.authenticated), secure_connections=bool(keys.ltk))

    async def _long_term_key(self, connection_handle, rand, ediv):
        # Of the two keys of legacy pairing, Bumble gives the peer's where a peripheral needs its own.
        connection = self.device and self.device.lookup_connection(connection_handle)
        if connection is None:
            return None
        key = self.device.smp_manager.get_long_term_key(connection, rand, ediv)
        keys = await self.bonds.get(str(connection.peer_address)) if key is None else None
        if keys and keys.ltk and (rand, ediv) == (bytes(8), 0):
            key = keys.ltk.value
        elif keys and keys.ltk_central and (rand, ediv) == (keys.ltk_central.rand, keys.ltk_central.ediv):
            key = keys.ltk_central.value
        if key is None:
            self.say("key missing")
        return key

    @staticmethod
    def _peer(connection):
        return str(connection.peer_address).split("/")[0]

    async def _encryption_changed(self, connection):
        if connection is not self.connection or not connection.encryption:
            return
        bonded = await self.bonds.get(str(connection.peer_address)) is not None
        self.say("encrypted", bonded=bonded)
        if bonded and self.keeps_subscriptions and not self._restored:
            self._restored = True
            kept = self.kept.get(self._peer(connection), {})
            values = {self.handle_of(uuid): value for uuid, value in kept.items() if self.handle_of(uuid)}
            if values:
                self.device.gatt_server.subscribers.setdefault(connection, {}).update(values)
        self.encrypted()

    def _subscribed(self, connection, attribute, notify, indicate):
        uuid = attribute.uuid.to_hex_str()
        value = bytes([notify | indicate << 1, 0])
        self.kept.setdefault(self._peer(connection), {})[uuid] = value
        self.say("subscribed", uuid=uuid, handle=attribute.handle, notify=notify, indicate=indicate)
        self.subscribed(uuid, notify, indicate)

    def subscription(self, uuid):
        """The CCCD of a characteristic on this link: 0, 1 (notification) or 2 (indication)."""
        if not (self.connection and self.device):
            return 0
        values = self.device.gatt_server.subscribers.get(self.connection, {})
        return (values.get(self.handle_of(uuid)) or b"\0")[0]

    def _unlinked(self, connection, reason):
        if connection is not self.connection:
            return
        self.connection = None
        waiting, self._confirmation = self._confirmation, None
        self.say("disconnected", reason=int(reason), name=HCI_Constant.error_name(int(reason)),
                 unconfirmed=self._indicated if waiting else None)
        if waiting and not waiting.done():
            waiting.set_exception(LinkLost(self.name))
        self.spawn(self._after_link())
        self.gone()

    async def _after_link(self):
        bonded = {str(address).split("/")[0] for address, _ in await self.bonds.get_all()}
        for peer in list(self.kept):
            if peer not in bonded:
                del self.kept[peer]
        if self.device and self.still_wanted():
            await self._advertise()
