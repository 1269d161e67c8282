"""A stranger with the cuff's address, and without its key: indicates in clear as soon as it is connected."""
from .cuff import Cuff, reading


class Stranger(Cuff):
    """`pairs`: willing to pair with whoever asks (just works), so that a kernel which starts a pairing by itself gets a
    key. `subscription`: it does not care whether anybody subscribed."""

    def __init__(self, radio, journal, name="LAB-STRANGER", address="F0:F1:F2:F3:F4:F5", *, value=None, **more):
        super().__init__(radio, journal, name, address, secure=False, **more)
        self.value = value or reading(66, 44, 55, at=None, pulse=200)

    def linked(self):
        self.spawn(self.indicate("2A35", self.value))

    def encrypted(self):
        self.say("encrypted with the stranger")

    def subscribed(self, uuid, notify, indicate):
        pass

    def still_wanted(self):
        return self._wanted
