"""The kernel's part of Bluetooth, as far as vitalsd meets it: the management channel and the ATT channel of each link.

Written from the BlueZ management protocol (doc/mgmt-api.txt) and not from our own code: command and event codes, statuses and
layouts are those of that document. A real kernel's Bluetooth is what Tests/Lab is for; this one is quick, and takes part in
simulated time.
"""
import asyncio
import contextlib
import os
import socket
import struct

NO_INDEX, INDEX = 0xFFFF, 0
RANDOM = 2  # LE random, as the protocol's Address_Type
POWERED, BONDABLE, LOW_ENERGY, SECURE, STATIC = 1 << 0, 1 << 4, 1 << 9, 1 << 11, 1 << 15
SUCCESS, UNKNOWN_COMMAND, NOT_CONNECTED, FAILED, INVALID_INDEX, NOT_POWERED = 0x00, 0x01, 0x02, 0x03, 0x11, 0x0F
REMOTE, LOCAL, TIMEOUT = 3, 2, 1
CONNECT = 2


def octets(address):
    return bytes.fromhex(address.replace(":", ""))[::-1]


def text(address):
    return ":".join(f"{octet:02X}" for octet in address[:6][::-1])


class Air:
    """One adapter, and the devices within its reach."""

    def __init__(self, folder):
        self.folder = folder
        self.devices = {}  # address -> device
        self.awaited = {}  # address -> action
        self.present = True
        self.settings = LOW_ENERGY
        self.clients = []
        self.number = 0
        self.discovering = False
        self.log = []

    async def open(self):
        path = f"{self.folder}/management"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        self.listener.bind(path)
        self.listener.listen(8)
        self.accepting = asyncio.create_task(self._accept())

    async def close(self):
        self.accepting.cancel()
        self.listener.close()
        for device in self.devices.values():
            device.cut()
        for client in self.clients:
            client.close()

    async def _accept(self):
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self.listener)
            self.clients.append(client)
            asyncio.create_task(self._serve(client))

    async def _serve(self, client):
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while packet := await loop.sock_recv(client, 65542):
                code, index, _ = struct.unpack_from("<HHH", packet)
                self._command(client, code, index, packet[6:])
        self.clients.remove(client)
        client.close()

    # What the kernel says

    def tell(self, event, parameters, index=INDEX, only=None, but=None):
        packet = struct.pack("<HHH", event, index, len(parameters)) + parameters
        for client in [only] if only else self.clients:
            if client is not but:
                with contextlib.suppress(OSError):
                    client.send(packet)

    def _command(self, client, code, index, parameters):
        def answer(value=b"", status=SUCCESS):
            self.tell(0x0001, struct.pack("<HB", code, status) + value, index, client)

        def refuse(status):
            self.tell(0x0002, struct.pack("<HB", code, status), index, client)

        if code == 0x0001:
            return answer(struct.pack("<BH", 1, 22))
        if code == 0x0003:
            return answer(struct.pack("<HH", 1, INDEX) if self.present else struct.pack("<H", 0))
        if not self.present or index != INDEX:
            return refuse(INVALID_INDEX)
        switches = {0x0005: POWERED, 0x0009: BONDABLE, 0x000D: LOW_ENERGY, 0x002D: SECURE, 0x002A: 0}
        if code in switches:
            bit = switches[code]
            if code == 0x0005 and not parameters[0]:
                for device in self.devices.values():
                    device.cut()
            return answer(self._switch(bit, parameters[0], client))
        if code == 0x002B:
            return answer(self._switch(STATIC, any(parameters), client))
        if code == 0x0004:
            return answer(bytes.fromhex("010000000000") + struct.pack(
                "<BHII", 9, 2, POWERED | BONDABLE | LOW_ENERGY | SECURE | STATIC, self.settings) + bytes(3 + 249 + 11))
        if code in (0x0013, 0x0018, 0x0030, 0x004C):
            return answer()
        if not self.settings & POWERED and code not in (0x0033, 0x0034):
            return refuse(NOT_POWERED)
        if code == 0x0015:
            linked = [octets(address) + bytes([RANDOM]) for address, one in self.devices.items() if one.linked]
            return answer(struct.pack("<H", len(linked)) + b"".join(linked))
        if code in (0x0023, 0x003A):
            self.discovering = True
            answer(parameters[:1])
            self.tell(0x0013, bytes([parameters[0], 1]))
            return self.advertise()
        if code == 0x0024:
            self.discovering = False
            answer(parameters[:1])
            return self.tell(0x0013, bytes([parameters[0], 0]))
        peer = text(parameters)
        named = parameters[:7]
        device = self.devices.get(peer)
        if code == 0x0033:
            self.awaited[peer] = parameters[7]
            answer(named)
            return self.reach(peer)
        if code == 0x0034:
            if any(named):
                self.awaited.pop(peer, None)
            else:
                self.awaited.clear()
            return answer(named)
        if code == 0x0014:
            if device and device.linked:
                device.cut(LOCAL)
                return answer(named)
            return answer(named, NOT_CONNECTED)
        if code in (0x001A, 0x001B):
            if code == 0x001B and device:
                device.bonded = False
                device.cut(LOCAL)
            return answer(named)
        if code == 0x0019:
            if not device or not device.link(self):
                return answer(named, 0x04)
            device.bonded = True
            # New Long Term Key: to be stored; unauthenticated, by LE Secure Connections; 16 octets.
            self.tell(0x000A, b"\x01" + named + struct.pack("<BBBH", 2, 0, 16, 0) + bytes(8) + device.key)
            return answer(named)
        self.log.append(f"unknown command {code:#06x}")
        refuse(UNKNOWN_COMMAND)

    def _switch(self, bit, on, client):
        before = self.settings
        self.settings = self.settings | bit if on else self.settings & ~bit
        value = struct.pack("<I", self.settings)
        if before != self.settings:
            self.tell(0x0006, value, but=client)
        return value

    # What devices do

    @property
    def hears(self):
        return self.present and bool(self.settings & POWERED)

    def advertise(self):
        """Device Found for whoever advertises, while somebody looks."""
        for address, device in self.devices.items():
            if self.discovering and self.hears and device.advertises and not device.linked:
                data = device.advertisement()
                self.tell(0x0012, octets(address) + struct.pack("<BbIH", RANDOM, -60, 0, len(data)) + data)

    def reach(self, address):
        """Links to an awaited device that advertises."""
        device = self.devices.get(address)
        if self.hears and device and device.advertises and not device.linked and self.awaited.get(address) == CONNECT:
            device.link(self)

    def connect(self, device):
        """An ATT channel for the daemon's listener; None where nobody listens."""
        self.number += 1
        name = f"{self.folder}/device-{device.address.replace(':', '')}-{self.number}"
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            channel.bind(name)
            channel.connect(f"{self.folder}/att")
        except OSError:
            channel.close()
            return None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(name)
        self.tell(0x000B, octets(device.address) + struct.pack("<BIH", RANDOM, 8, 0))
        return channel

    def disconnected(self, device, reason):
        self.tell(0x000C, octets(device.address) + struct.pack("<BB", RANDOM, reason))

    def unplug(self):
        for device in self.devices.values():
            device.cut(TIMEOUT)
        self.present, self.settings, self.discovering = False, LOW_ENERGY, False
        self.awaited.clear()
        self.tell(0x0005, b"")

    def plug(self):
        self.present = True
        self.tell(0x0004, b"")
