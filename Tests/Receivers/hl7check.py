#!/usr/bin/env python3
"""Judges HL7 v2.6 ORU^R01 messages by IHE PCD-01: PyPI's `hl7apy` (STRICT, with groups) and `hl7`, which nobody wrote for
this gateway, and rules written down here from the standard and the guides.

    hl7check.py FILE...        PASS or FAIL for each, and why; 0 when all pass, 1 when not, 2 when it could not run
"""

import re
import sys

# ISO/IEEE 11073-10101: code -> (reference identifier, unit, LOINC)
TERMS = {
    "150020": ("MDC_PRESS_BLD_NONINV", None, "85354-9"),
    "150021": ("MDC_PRESS_BLD_NONINV_SYS", "266016", "8480-6"),
    "150022": ("MDC_PRESS_BLD_NONINV_DIA", "266016", "8462-4"),
    "150023": ("MDC_PRESS_BLD_NONINV_MEAN", "266016", "8478-0"),
    "149546": ("MDC_PULS_RATE_NON_INV", "264864", "8867-4"),
    "149530": ("MDC_PULS_OXIM_PULS_RATE", "264864", "8867-4"),
    "147842": ("MDC_ECG_HEART_RATE", "264864", "8867-4"),
    "150456": ("MDC_PULS_OXIM_SAT_O2", "262688", "59408-5"),
    "8410608": ("MDC_BLOOD_PRESSURE_MEASUREMENT_STATUS", None, None),
    "528391": ("MDC_DEV_SPEC_PROFILE_BP", None, None),
    "528525": ("MDC_DEV_SUB_SPEC_PROFILE_HR", None, None),
    "528388": ("MDC_DEV_SPEC_PROFILE_PULS_OXIM", None, None),
    "68220": ("MDC_TIME_SYNC_PROTOCOL", None, None),
    "67975": ("MDC_ATTR_TIME_ABS", None, None),
    "531969": ("MDC_ID_MODEL_NUMBER", None, None),
    "531970": ("MDC_ID_MODEL_MANUFACTURER", None, None),
    "531972": ("MDC_ID_PROD_SPEC_SERIAL", None, None),
    "531974": ("MDC_ID_PROD_SPEC_HW", None, None),
    "531975": ("MDC_ID_PROD_SPEC_SW", None, None),
    "531976": ("MDC_ID_PROD_SPEC_FW", None, None),
}
UNITS = {
    "266016": ("MDC_DIM_MMHG", "mm[Hg]"),
    "264864": ("MDC_DIM_BEAT_PER_MIN", "/min"),
    "262688": ("MDC_DIM_PERCENT", "%"),
    "262656": ("MDC_DIM_DIMLESS", "1"),
}
DEVICES = {"528391", "528525", "528388"}
# OBX-8 that PCD-01 takes for the state of a measurement, and for why there is none.
STATES = {"", "INV", "QUES", "NAV", "CAL", "TEST", "DEMO", "EARLY", "ALACT", "ALINH", "NI", "OFF", ">", "<"}
EUI = r"[0-9A-F]{16}"
TIME = re.compile(r"\d{14}(\.\d{1,4})?[+-]\d{4}")
PLACE = re.compile(r"[1-9]\d*(\.0\.[01]\.?[1-9]?\d*(\.[1-9]\d*)?)?|0\.0\.0\.1")


def strict(raw):
    """What hl7apy says; it raises at the first fault."""
    from hl7apy.consts import VALIDATION_LEVEL
    from hl7apy.parser import parse_message

    try:
        parse_message(raw, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True).validate()
    except Exception as error:
        return [f"hl7apy: {type(error).__name__}: {error}"]
    return []


def essentials(raw):
    """The rules of PCD-01 that a structure alone cannot hold."""
    import hl7

    found = []

    def expect(condition, what):
        if not condition:
            found.append(what)

    expect(raw.endswith("\r") and "\n" not in raw, "segments end with 0x0D alone")
    expect(not re.search(r"[\x00-\x0c\x0e-\x1f]", raw), "a control character")
    names = {line[:3] for line in raw.split("\r") if line}
    expect(names <= {"MSH", "PID", "PV1", "OBR", "NTE", "OBX"}, f"segments {sorted(names)}")
    message = hl7.parse(raw)

    def text(segment, number):
        return str(segment[number]) if len(segment) > number else ""

    header, person, request = (message.segment(name) for name in ("MSH", "PID", "OBR"))
    expect(re.fullmatch(rf"[^^]+\^{EUI}\^EUI-64", text(header, 3)), "MSH-3 names no EUI-64")
    expect(TIME.fullmatch(text(header, 7)), "MSH-7 is no time with an offset")
    expect(text(header, 9) == "ORU^R01^ORU_R01", "MSH-9")
    expect(1 <= len(text(header, 10)) <= 199, "MSH-10")
    expect(text(header, 11) in ("P", "T", "D"), "MSH-11")
    expect(text(header, 12) == "2.6", "MSH-12")
    expect((text(header, 15), text(header, 16)) in (("NE", "AL"), ("AL", "NE")), "MSH-15 and MSH-16")
    expect(text(header, 18) == "UNICODE UTF-8", "MSH-18")
    expect(text(header, 21) == "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO", "MSH-21 is not PCD-01")
    expect(re.fullmatch(r"[^^~]+\^\^\^[^^&]*&[^^&]+&(ISO|URI|UUID|DNS)\^[A-Z]+", text(person, 3)), "PID-3")
    expect(text(person, 5) != "", "PID-5")
    for number in (2, 3):
        expect(re.fullmatch(rf"[^^]+\^[^^]+\^{EUI}\^EUI-64", text(request, number)), f"OBR-{number}")
    expect(text(request, 4) == "182777000^monitoring of patient^SCT", "OBR-4")
    begin, end = text(request, 7), text(request, 8)
    expect(TIME.fullmatch(begin) and TIME.fullmatch(end), "OBR-7 and OBR-8 are no times with an offset")
    expect(begin[-5:] != end[-5:] or begin < end, "OBR-8 is not after OBR-7")

    places = {}
    for index, segment in enumerate(message.segments("OBX"), 1):
        name = f"OBX {index}"
        expect(text(segment, 1) == str(index), f"{name}: OBX-1")
        place = text(segment, 4)
        expect(PLACE.fullmatch(place), f"{name}: OBX-4 {place}")
        expect(place not in places, f"{name}: OBX-4 {place} repeated")
        code = text(segment, 3).split("^")
        places[place] = code[0]
        parents = [] if place == "0.0.0.1" else [place.split(".")[0]]
        if place.count(".") == 4 or re.fullmatch(r"\d+\.0\.1\.\d+", place):
            parents.append(place.rsplit(".", 1)[0])
        expect(all(parent in places for parent in parents), f"{name}: nothing holds {place}")
        expect(len(code) in (3, 6), f"{name}: OBX-3")
        unit_wanted = None
        if code[2:3] == ["MDC"]:
            term = TERMS.get(code[0])
            expect(term and term[0] == code[1], f"{name}: {code[0]} is not {code[1:2]}")
            unit_wanted = term[1] if term else None
            if len(code) == 6:
                expect(term and code[3] == term[2] and code[5] == "LN", f"{name}: {code[3]} beside {code[0]}")
        else:
            expect(code[2:3] == ["99VITALS"] and place.count(".") == 4, f"{name}: coding system")
        kind, value, status = text(segment, 2), text(segment, 5), text(segment, 11)
        expect(status in ("R", "F", "P", "C", "X", "W"), f"{name}: OBX-11 {status}")
        expect(bool(kind) == bool(value), f"{name}: OBX-2 without OBX-5, or the other way")
        expect(bool(value) != (status in ("X", "W")), f"{name}: OBX-11 {status} and value {bool(value)}")
        for state in text(segment, 8).split("~"):
            expect(state in STATES, f"{name}: OBX-8 {state}")
        if status == "X" and place not in ("1", "1.0.1"):
            expect(re.search("INV|NAV|NI|OFF|>|<", text(segment, 8)), f"{name}: no reason for having no value")
        if kind == "NM":
            unit = text(segment, 6).split("^")
            expect(re.fullmatch(r"-?\d+(\.\d+)?", value), f"{name}: {value} is no number")
            expect(unit_wanted is None or unit[0] == unit_wanted, f"{name}: unit {unit[0]}")
            known = UNITS.get(unit[0], ("", ""))
            expect(unit[1:3] == [known[0], "MDC"], f"{name}: unit {unit}")
            expect(len(unit) == 3 or unit[3:] == [known[1], known[1], "UCUM"], f"{name}: unit {unit[3:]}")
        if text(segment, 14):
            expect(TIME.fullmatch(text(segment, 14)), f"{name}: OBX-14")
        if code[0] in DEVICES:
            expect(place == "1" and text(segment, 18) != "", f"{name}: a device without a name")
            if "EUI-64" in text(segment, 18):
                expect(re.fullmatch(rf"({EUI})\^\^\1\^EUI-64", text(segment, 18)), f"{name}: OBX-18")
        if code[0] == "8410608" and value:
            expect(
                all(re.fullmatch(r"1\^[a-z-]+\([0-5]\)", bit) for bit in value.split("~")), f"{name}: {value}")
    if "1.0.1" in places:
        expect(places["1.0.1"] == "150020", "1.0.1 is no blood pressure")
        for number, code in (("1", "150021"), ("2", "150022")):
            expect(places.get(f"1.0.1.{number}") == code, f"1.0.1.{number} is not {code}")
    expect("1" in places, "no device")
    return found


def problems(raw):
    """Everything that is wrong with a message (text); empty: nothing."""
    found = strict(raw)
    try:
        return found + essentials(raw)
    except Exception as error:
        return found + [f"{type(error).__name__}: {error}"]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    wrong = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", newline="") as file:
            found = problems(file.read())
        print(("FAIL " if found else "PASS ") + path)
        for line in found:
            print("  " + line)
        wrong += bool(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
