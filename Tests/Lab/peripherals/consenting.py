"""A cuff that gives a user's readings only after that user's consent: Blood Pressure Service with the User Data Service.

Facts: Bluetooth SIG, User Data Service 1.1 (0x181C: Database Change Increment 0x2A99, User Index 0x2A9A, User Control Point
0x2A9F; op codes 0x01 Register New User, 0x02 Consent, 0x03 Delete; answer 0x20, request, value, 1 success, 4 operation failed,
5 user not authorized; consent counts for the connection; error 0x80 User Data Access Not Permitted). How scales that have it
behave: KristianP26/ble-scale-sync #335 (answers 20 02 05 to a wrong code), oliexdev/openScale #1399 (20 01 01 03: registered as
user 3). No cuff that has it was at hand.
"""
import struct

from .cuff import Cuff
from .peripheral import Service, characteristic


class ConsentingCuff(Cuff):
    """`codes`: the consent code of each user; `places`: how many users it holds; `names_user`: its readings say whose they
    are (the User ID of 0x2A35), else the consent is all that tells."""

    def __init__(self, radio, journal, name="LAB-UDS", address="F0:F1:F2:F4:00:30", *, codes, places=4, names_user=False,
                 **more):
        super().__init__(radio, journal, name, address, **more)
        self.codes, self.places, self.names_user = dict(codes), places, names_user
        self.stored = {}            # user: readings that were not confirmed
        self.open = 0xFF

    def services(self):
        from bumble.gatt import CharacteristicValue
        protect = {"secure": self.secure}
        return [*super().services(), Service("181C", [
            characteristic("2A99", "read write notify", bytes(4), **protect),
            characteristic("2A9A", "read", CharacteristicValue(read=lambda connection: bytes([self.open])), **protect),
            characteristic("2A9F", "write indicate", CharacteristicValue(write=self._control), **protect)])]

    async def measured(self, user, value):
        """A reading of this user, and it advertises."""
        self.stored.setdefault(user, []).append(value)
        self._turn()
        await self.advertise()

    def linked(self):
        super().linked()
        self.open = 0xFF
        self.memory = []

    def still_wanted(self):
        return any(self.stored.values()) and self._wanted

    def _turn(self):
        if self.open != 0xFF:
            self.memory = self.stored.setdefault(self.open, [])
            self._send_memory()

    def _control(self, connection, value):
        value = bytes(value)
        # Never the code itself: what the scenario looks for in the gateway's files must not come from here.
        self.say("user control", opcode=value[0] if value else None, user=value[1] if len(value) == 4 else None)
        self.spawn(self._answer(value))

    async def _answer(self, value):
        if len(value) == 3 and value[0] == 0x01:
            free = [user for user in range(1, self.places + 1) if user not in self.codes]
            if not free:
                return await self.indicate("2A9F", bytes([0x20, 0x01, 0x04]))
            self.codes[free[0]] = struct.unpack("<H", value[1:])[0]
            self.say("registered", user=free[0])
            return await self.indicate("2A9F", bytes([0x20, 0x01, 0x01, free[0]]))
        if len(value) == 4 and value[0] == 0x02:
            user, code = struct.unpack("<BH", value[1:])
            right = self.codes.get(user) == code
            self.say("consent", user=user, right=right)
            if right:
                # What it had under way goes first: the indication that is out is the other user's.
                self.open = user
            await self.indicate("2A9F", bytes([0x20, 0x02, 0x01 if right else 0x05]))
            return self._turn()
        await self.indicate("2A9F", bytes([0x20, value[0] if value else 0, 0x02]))
