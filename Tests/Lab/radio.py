"""The air: the kernel's hci0 on one side, emulated peripherals (Bumble's stack) on the other.

Runs as root where /dev/vhci exists, which is in a guest of `vm run`. The kernel sees an ordinary LE controller; every
peripheral is a whole independent Bluetooth stack (link layer, L2CAP, SMP, ATT, GATT), so what talks to it through the
kernel's sockets talks to a real peer. `Radio.plug` gives the kernel an adapter, `Radio.unplug` takes it away with
whatever links it had; peripherals stay on the air meanwhile.

What Bumble 0.0.236 leaves out of a controller, and a kernel minds, is mended here, each with its reason.
"""
import asyncio
import os

from bumble import hci
from bumble.controller import Controller
from bumble.hci import Address, LeFeatureMask
from bumble.link import LocalLink

VENDOR_PACKET = 0xFF
# With LL privacy or extended advertising claimed, the kernel waits for the *enhanced* connection-complete event, which
# Bumble's controller never sends: a good connection would be cancelled and never disconnected.
NOT_CLAIMED = LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING | LeFeatureMask.LE_PERIODIC_ADVERTISING


class Air(LocalLink):
    """The medium. Names the sender of data by the address that its connection uses (Bumble: always by the random one, so
    that a kernel connecting from its public address is lost), and drops what is sent to somebody who has left."""

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.other_end(sender_controller, connection)
        if receiver:
            source = connection.self_address
            asyncio.get_running_loop().call_soon(receiver.on_link_acl_data, source, transport, data)

    def send_ll_control_pdu(self, sender_address, receiver_address, packet):
        # The same pair may be known to several controllers (a cuff and its impostor): only linked ends talk.
        for receiver in list(self.controllers):
            connection = receiver.le_connections.get(sender_address)
            if connection and connection.self_address == receiver_address:
                asyncio.get_running_loop().call_soon(self._control, receiver, sender_address, packet)
                return

    @staticmethod
    def _control(receiver, sender_address, packet):
        if sender_address in receiver.le_connections:
            receiver.on_ll_control_pdu(sender_address, packet)

    def other_end(self, controller, connection):
        """The controller at the other end of a connection, if it is still there and still linked."""
        if connection is None:
            return None
        for other in self.controllers:
            back = other.le_connections.get(connection.self_address)
            if other is not controller and back and back.self_address == connection.peer_address:
                return other
        return None

    def lose(self, controller, reason=hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR, after=0.0):
        """End all links of a controller that goes silent: the other ends notice after their supervision timeout."""
        loop = asyncio.get_running_loop()
        for connection in list(controller.le_connections.values()):
            other = self.other_end(controller, connection)
            if other:
                back = other.le_connections[connection.self_address]
                loop.call_later(after, self._lost, other, back, reason)
        controller.le_connections.clear()

    @staticmethod
    def _lost(controller, connection, reason):
        if controller.le_connections.get(connection.peer_address) is connection:
            controller.on_le_disconnected(connection, reason)


class PeripheralController(Controller):
    """A peripheral's controller: legacy advertising, so that Bumble's host uses the commands that the air carries."""

    def __init__(self, name, air, address):
        super().__init__(name, link=air, public_address=Address(str(address), Address.PUBLIC_DEVICE_ADDRESS))
        self.le_features &= ~NOT_CLAIMED


class KernelController(Controller):
    """The controller that the kernel sees as hci0."""

    def __init__(self, air, address):
        super().__init__("KERNEL", link=air, public_address=Address(address, Address.PUBLIC_DEVICE_ADDRESS))
        self.le_features &= ~NOT_CLAIMED
        self.accept_list, self.reported = set(), set()

    # Filter accept list, filtering of duplicates and scan responses on active scans only: Bumble reports everything
    # always, which hides a host's mistakes (nothing is reported of a device that was never put on the list).
    def on_hci_le_clear_filter_accept_list_command(self, command):
        self.accept_list.clear()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_add_device_to_filter_accept_list_command(self, command):
        if len(self.accept_list) >= self.filter_accept_list_size:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.MEMORY_CAPACITY_EXCEEDED_ERROR)
        self.accept_list.add((int(command.address_type), bytes(command.address)))
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_remove_device_from_filter_accept_list_command(self, command):
        self.accept_list.discard((int(command.address_type), bytes(command.address)))
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_set_scan_enable_command(self, command):
        self.reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def on_advertising_pdu(self, pdu):
        address = pdu.advertiser_address
        listed = (0 if address.is_public else 1, bytes(address)) in self.accept_list
        if self.le_scan_enable and (listed or not self.le_scanning_filter_policy & 1):
            seen = (bytes(address), bytes(pdu.data))
            if not (self.filter_duplicates and seen in self.reported):
                self.reported.add(seen)
                self._report(hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND, address, pdu.data)
                if self.le_scan_type == 1:
                    self._report(hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP, address, b"")
        pending = self.pending_le_connection
        if pending and (listed if pending.initiator_filter_policy & 1 else pending.peer_address == address):
            self.create_le_connection(address)
            asyncio.get_running_loop().call_later(0.4, self._established, address)

    def _report(self, kind, address, data):
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind, address_type=address.address_type, address=address, data=data, rssi=-50)]))

    def _established(self, address):
        # The advertiser had gone, or somebody else was quicker: after six connection events a real controller gives up.
        connection = self.le_connections.get(address)
        if connection and not self.link.other_end(self, connection):
            self.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)

    def on_hci_le_create_connection_cancel_command(self, command):
        # Bumble's does nothing: the kernel's next attempt would fail with EBUSY.
        pending, self.pending_le_connection = self.pending_le_connection, None
        if not pending:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        event = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR, connection_handle=0, role=0,
            peer_address_type=pending.peer_address_type, peer_address=pending.peer_address, connection_interval=0,
            peripheral_latency=0, supervision_timeout=0, central_clock_accuracy=0)
        asyncio.get_running_loop().call_soon(self.send_hci_packet, event)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_reset_command(self, command):
        # Bumble's forgets nothing. A reset ends the links without a word to the other side.
        self.silence()
        return super().on_hci_reset_command(command)

    def silence(self):
        self.link.lose(self, after=0.42)
        self.pending_le_connection, self.le_scan_enable = None, False
        self.accept_list.clear()
        self.reported.clear()


class Radio:
    """The medium with the kernel's adapter. `async with Radio() as radio:` plugs it in and takes it away at the end."""

    def __init__(self, address="C0:00:00:00:00:01", journal=None):
        self.air, self.address, self.journal = Air(), address, journal
        self.adapter = self._file = None

    async def __aenter__(self):
        await self.plug()
        return self

    async def __aexit__(self, *exception):
        await self.unplug()

    async def plug(self, address=None):
        """Give the kernel an adapter; a different one if `address` differs. It is index 0 if there is no other."""
        assert self.adapter is None, "an adapter is plugged in already"
        self.address = address or self.address
        controller = KernelController(self.air, self.address)
        fd = os.open("/dev/vhci", os.O_RDWR | os.O_NONBLOCK)
        made = asyncio.get_running_loop().create_future()

        def readable():
            # One read is one packet. The first one answers the request to make a controller, and is not HCI.
            try:
                packet = os.read(fd, 4096)
            except BlockingIOError:
                return
            if packet[:1] == bytes([VENDOR_PACKET]):
                made.done() or made.set_result(int.from_bytes(packet[2:4], "little"))
            elif packet:
                controller.on_packet(packet)

        class ToKernel:
            def on_packet(self, packet):
                if adapter_is_here():
                    os.write(fd, packet)

        def adapter_is_here():
            return self._file == fd

        self._file, self.adapter = fd, controller
        controller.host = ToKernel()
        asyncio.get_running_loop().add_reader(fd, readable)
        os.write(fd, bytes([VENDOR_PACKET, 0]))
        self.index = await asyncio.wait_for(made, 20)
        if self.journal:
            self.journal.write("adapter", "plugged", address=self.address, index=self.index)

    async def unplug(self):
        """Take the adapter away in the middle of whatever it does."""
        if self.adapter is None:
            return
        fd, adapter = self._file, self.adapter
        self._file = self.adapter = None
        asyncio.get_running_loop().remove_reader(fd)
        adapter.silence()
        self.air.remove_controller(adapter)
        # Closing removes hci0, and the kernel may wait there for its own workers.
        await asyncio.get_running_loop().run_in_executor(None, os.close, fd)
        if self.journal:
            self.journal.write("adapter", "unplugged", address=self.address)
