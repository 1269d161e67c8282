"""A stranger with the cuff's address, and without its key: indicates in clear as soon as it is connected."""
import asyncio

from .cuff import Cuff, reading


class Stranger(Cuff):
    """`pairs`: willing to pair with whoever asks (just works), so that a kernel which starts a pairing by itself gets a
    key. `refuses`: whether it says that it has no key when it is asked to encrypt; else it never answers, and keeps the
    link in clear. It does not care whether anybody subscribed."""

    def __init__(self, radio, journal, name="LAB-STRANGER", address="F0:F1:F2:F3:F4:F5", *, value=None, refuses=True,
                 **more):
        super().__init__(radio, journal, name, address, secure=False, **more)
        self.value = value or reading(66, 44, 55, at=None, pulse=200)
        self.refuses = refuses

    async def _long_term_key(self, connection_handle, rand, ediv):
        if not self.refuses:
            self.say("asked to encrypt")
            await asyncio.Event().wait()
        return await super()._long_term_key(connection_handle, rand, ediv)

    def linked(self):
        self.spawn(self.indicate("2A35", self.value))

    def encrypted(self):
        self.say("encrypted with the stranger")

    def subscribed(self, uuid, notify, indicate):
        pass

    def still_wanted(self):
        return self._wanted
