"""What a failed scenario left, short enough to be printed where the files themselves are not kept (CI)."""
import struct

LINES, WIDTH = 30, 180
COMMANDS = {0x0406: "Disconnect", 0x0C03: "Reset", 0x200B: "scan parameters", 0x200C: "scan", 0x200D: "create connection",
            0x200E: "cancel connection", 0x2011: "add to accept list", 0x2012: "remove from accept list",
            0x2019: "encrypt", 0x2041: "scan parameters", 0x2042: "scan", 0x2043: "create connection"}


def hci(path):
    """The commands and events of a btsnoop file of the monitor channel, a line each, without advertising reports."""
    data, at, lines, first = path.read_bytes(), 16, [], None
    while at + 24 <= len(data):
        _, length, flags, _, stamp = struct.unpack_from(">IIIIq", data, at)
        packet = data[at + 24:at + 24 + length]
        at += 24 + length
        first = stamp if first is None else first
        what = None
        if flags & 0xFFFF == 2 and len(packet) >= 3:
            opcode = struct.unpack_from("<H", packet)[0]
            what = f"> {COMMANDS.get(opcode, hex(opcode))} {packet[3:].hex()}"
        elif flags & 0xFFFF == 3 and len(packet) >= 3 and not (packet[0] == 0x3E and packet[2] in (0x02, 0x0D)):
            if packet[0] != 0x13:  # completed packets: one for every piece of data
                what = f"< event {packet[0]:02x} {packet[2:].hex()}"
        if what:
            lines.append(f"{(stamp - first) / 1e6:9.3f} {what}")
    return lines


def text(path):
    return path.read_text(errors="replace").splitlines()


def remains(folder):
    """Yields lines: the ends of the daemon's log, of the HCI trace and of the kernel's log."""
    for name, lines in (("vitalsd.log", text), ("hci.btsnoop", hci), ("dmesg.txt", text)):
        if (folder / name).exists():
            yield f"{name}, the last of it:"
            for line in lines(folder / name)[-LINES:]:
                yield "  " + line[:WIDTH]
