"""An Omron HEM-790IT on a cable, as openyou/libomron's documentation and logs describe it. Never from the gateway's code."""
import struct
from functools import reduce
from operator import xor

from .usbip import Device, Stall

# A vendor's page, one report of eight octets each way, two octets of feature report.
REPORT_DESCRIPTOR = bytes.fromhex("0600ff0901a101150026ff00750895080901810295080901910295020901b102c0")
HID = struct.pack("<BBHBBBH", 9, 0x21, 0x0101, 0, 1, 0x22, len(REPORT_DESCRIPTOR))
INTERFACE = bytes([9, 4, 0, 0, 2, 3, 0, 0, 0])
ENDPOINTS = bytes([7, 5, 0x81, 3, 8, 0, 10]) + bytes([7, 5, 0x02, 3, 8, 0, 10])


def record(year, month, day, hour, minute, second, systolic, diastolic, pulse, flags=0):
    """Thirteen octets."""
    return bytes([year - 2000, month, day, hour, minute, second, 0]) + struct.pack(
        ">HBBH", systolic, diastolic, pulse, flags)


class OmronHID(Device):
    descriptor = bytes([18, 1, 0x10, 1, 0, 0, 0, 8]) + struct.pack("<HHH", 0x0590, 0x0028, 0x0100) + bytes([1, 2, 0, 1])
    configuration = (bytes([9, 2]) + struct.pack("<H", 9 + len(INTERFACE + HID + ENDPOINTS)) + bytes([1, 1, 0, 0x80, 50])
                     + INTERFACE + HID + ENDPOINTS)
    strings = {1: "OMRON HEALTHCARE", 2: "HEM-790IT"}

    def __init__(self, name, journal, banks):
        super().__init__(name, journal)
        self.banks = banks  # newest first; None: no such user
        self.fresh()

    def fresh(self):
        self._heard, self._tail, self._modes = b"", bytes(7), 0

    def control(self, kind, request, value, index, length, data):
        if kind == 0x81 and request == 6 and value >> 8 == 0x22:
            return REPORT_DESCRIPTOR
        if kind == 0x21 and request == 9 and value == 0x0300 and len(data) == 2:  # Set_Report, feature
            self._modes += 1
            return b""
        if kind == 0x21 and request == 0x0A:  # Set_Idle
            return b""
        raise Stall

    def out(self, endpoint, data):
        if endpoint != 2 or len(data) != 8 or data[0] > 7:
            raise Stall
        self._heard += data[1:1 + data[0]]
        if data[0] == 7:
            return
        heard, self._heard = self._heard, b""
        if not any(heard):
            return self._say(b"OK")
        name = heard[:3].decode("ascii", "replace")
        self.write("asked", command=name)
        self._say(self._answer_to(name, heard))

    def _answer_to(self, name, heard):
        if name == "END":
            return b"OFF\r\n"
        if name == "VER":
            data = b"M7080IT 207"
        elif name == "GDC" and self.banks[heard[4]] is not None:
            data = bytes([0, 0x10, 0, len(self.banks[heard[4]])])
        elif name == "GME" and heard[6] < len(self.banks[heard[4]] or []) and heard[7] == heard[4] ^ heard[6]:
            data = self.banks[heard[4]][heard[6]]
        else:
            return b"NO"
        return b"OK\0" + data + bytes([reduce(xor, data)])

    def _say(self, answer):
        for start in range(0, len(answer), 7):
            part = answer[start:start + 7]
            # What does not count is left from the report before.
            self._tail = part + self._tail[len(part):]
            self.push(1, bytes([len(part)]) + self._tail)
