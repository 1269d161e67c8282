"""The road between the gateway and one receiver: a TCP relay that a fault can close, cut or garble."""
import asyncio
import contextlib
import socket
import struct

OPEN, REFUSED, RESET, HANGS, SLOW, GARBAGE, ANSWER_LOST = (
    "open", "refused", "reset", "hangs", "slow", "garbage", "answer lost")


class Road:
    def __init__(self, port, now, context=None):
        self.receiver, self.now, self.context = port, now, context
        self.mode, self.delay = OPEN, 20
        self.connections = {}  # writer -> whether a request is on its way
        self.used = 0  # connections that met this mode
        self.server = None
        self.port = None

    async def open(self):
        self.server = await asyncio.start_server(self._relay, "127.0.0.1", self.port or 0, ssl=self.context)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self):
        if self.server:
            self.server.close()
            self.server = None
        for writer in list(self.connections):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def set(self, mode):
        """What held in the old mode is over."""
        self.mode, self.used = mode, 0
        await self.close()
        if mode != REFUSED:
            await self.open()

    @property
    def busy(self):
        return any(self.connections.values()) and self.mode not in (HANGS, SLOW)

    async def _relay(self, reader, writer):
        self.connections[writer] = False
        self.used += 1
        ahead = None
        try:
            if self.mode == RESET:
                # SO_LINGER of 0 seconds: a reset, with the request unread.
                await reader.read(1)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return writer.transport.abort()
            if self.mode == HANGS:
                while await reader.read(65536):
                    pass
                return
            if self.mode == GARBAGE:
                await reader.read(65536)
                writer.write(b"\x16\x03\x01SSH-2.0-no server\r\n\r\n\0\0")
                await writer.drain()
                return
            there, ahead = await asyncio.open_connection("127.0.0.1", self.receiver)
            await asyncio.gather(self._forth(reader, ahead, writer), self._back(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.pop(writer, None)
            for one in (writer, ahead):
                if one:
                    with contextlib.suppress(Exception):
                        one.close()

    async def _forth(self, reader, ahead, writer):
        while data := await reader.read(65536):
            self.connections[writer] = True
            ahead.write(data)
            await ahead.drain()
        ahead.close()

    async def _back(self, there, writer):
        while data := await there.read(65536):
            if self.mode == ANSWER_LOST:
                break
            if self.mode == SLOW:
                at = self.now() + self.delay
                while self.now() < at:
                    await asyncio.sleep(0.002)
            self.connections[writer] = False
            writer.write(data)
            await writer.drain()
        writer.close()
