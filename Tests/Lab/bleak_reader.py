"""The peer that the bench measures against: PyPI's bleak on Debian's bluetoothd, used as its documentation shows.

    bleak_reader.py ADDRESS

For as long as it lives: scan until the cuff is seen, connect (and pair when it is not), subscribe to the measurement,
print each reading as a line of JSON, disconnect, scan again. Just works needs somebody who says yes on the bus, so it
registers an agent as a desktop would.
"""
import asyncio
import json
import sys
import time
import warnings

from bleak import BleakClient, BleakScanner
from dbus_fast import BusType
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface

warnings.simplefilter("ignore")
MEASUREMENT = "00002a35-0000-1000-8000-00805f9b34fb"


def say(event, **more):
    print(json.dumps({"event": event, "t": time.monotonic(), **more}), flush=True)


def agent():
    from dbus_fast.service import dbus_method

    class Agent(ServiceInterface):
        @dbus_method()
        def Release(self):
            pass

        @dbus_method()
        def RequestConfirmation(self, device: "o", passkey: "u"):  # noqa: F821
            pass

        @dbus_method()
        def RequestAuthorization(self, device: "o"):  # noqa: F821
            pass

        @dbus_method()
        def AuthorizeService(self, device: "o", uuid: "s"):  # noqa: F821
            pass

        @dbus_method()
        def Cancel(self):
            pass
    return Agent("org.bluez.Agent1")


async def be_agent():
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    bus.export("/lab/agent", agent())
    description = await bus.introspect("org.bluez", "/org/bluez")
    manager = bus.get_proxy_object("org.bluez", "/org/bluez", description).get_interface("org.bluez.AgentManager1")
    await manager.call_register_agent("/lab/agent", "NoInputNoOutput")
    await manager.call_request_default_agent("/lab/agent")
    return bus


async def main(address):
    bus = await be_agent()
    say("ready")
    while True:
        device = await BleakScanner.find_device_by_address(address, timeout=3600)
        if device is None:
            continue
        say("seen")
        came, gone = asyncio.Event(), asyncio.Event()

        def received(_, value):
            say("reading", value=value.hex())
            came.set()
        try:
            async with BleakClient(device, disconnected_callback=lambda _: gone.set(), pair=True, timeout=60) as client:
                say("connected")
                await client.start_notify(MEASUREMENT, received)
                say("subscribed")
                ends = [asyncio.ensure_future(came.wait()), asyncio.ensure_future(gone.wait())]
                await asyncio.wait(ends, timeout=20, return_when=asyncio.FIRST_COMPLETED)
                for end in ends:
                    end.cancel()
            say("disconnected")
        except Exception as error:
            say("error", what=f"{type(error).__name__}: {error}")
    bus.disconnect()


asyncio.run(main(sys.argv[1]))
