#!/usr/bin/env python3
"""Puts faults into messages that conform, one at a time; `hl7check.py` must catch each. 0 when it does, 1 when one slips by.

    mutate_hl7.py [-v] [FILE...]        examples/conforming-message.hl7 unless files are named
"""

import os
import sys

import hl7check


def edit(raw, segment, number, value, nth=0):
    """The message with a field replaced; `value` may be a function of what stood there. None: no such segment."""
    lines = raw.split("\r")
    places = [index for index, line in enumerate(lines) if line.startswith(segment + "|")]
    if nth >= len(places):
        return None
    fields = lines[places[nth]].split("|")
    number -= segment == "MSH"
    fields += [""] * (number + 1 - len(fields))
    fields[number] = value(fields[number]) if callable(value) else value
    lines[places[nth]] = "|".join(fields)
    return "\r".join(lines)


def drop(raw, segment):
    lines = raw.split("\r")
    return "\r".join(line for line in lines if not line.startswith(segment + "|"))


def swap(raw, first, second):
    return raw.replace(first, "\0").replace(second, first).replace("\0", second)


def numeric(raw):
    """Which OBX are numbers."""
    found = [line.split("|") for line in raw.split("\r") if line.startswith("OBX|")]
    return [index for index, fields in enumerate(found) if len(fields) > 5 and fields[2] == "NM" and fields[5]]


def mutations(raw):
    yield "no PID", drop(raw, "PID")
    yield "no OBR", drop(raw, "OBR")
    yield "no OBX", drop(raw, "OBX")
    yield "no MSH", drop(raw, "MSH")
    yield "line feeds", raw.replace("\r", "\n")
    yield "no last end", raw.rstrip("\r")
    yield "unknown segment", raw + "XYZ|1\r"
    yield "two MSH", raw + raw.split("\r")[0] + "\r"
    yield "PID after OBR", swap(raw, "\rPID", "\rOBR")
    yield "a block's end inside", edit(raw, "PID", 3, lambda text: "\x1c" + text)
    for number, values in {
        3: ["", "GW", "GW^F0F1F2F3F4F5^EUI-48", "GW^feedabeedead77c3^EUI-64"], 7: ["", "20260310", "20260310000512"],
        9: ["", "ORU^R01", "ADT^A01^ADT_A01"], 10: ["", "A" * 200], 11: ["", "Q"], 12: ["", "2.5", "2.9"],
        15: ["ER"], 16: ["NE"], 18: ["", "ASCII"], 21: ["", "IHE PCD ORU-R01 2006^HL7^2.16.840.1.113883.9.n.m^HL7"],
    }.items():
        for value in values:
            yield f"MSH-{number} {value[:20]!r}", edit(raw, "MSH", number, value)
    for number, values in {3: ["", "VN-DEMO-0001", "^^^DEMO&2.999.84.1&ISO^PI"], 5: [""]}.items():
        for value in values:
            yield f"PID-{number} {value!r}", edit(raw, "PID", number, value)
    for number, values in {
        2: ["", "00042"], 3: ["", "00042"], 4: ["", "182777000^monitoring of patient^SNOMED-CT"],
        7: ["", "20260310070005", "20261310070005+0700"], 8: ["", "20200310070006+0700"],
    }.items():
        for value in values:
            yield f"OBR-{number} {value!r}", edit(raw, "OBR", number, value)
    count = sum(line.startswith("OBX|") for line in raw.split("\r"))
    for index in range(count):
        yield f"OBX {index + 1}: OBX-1", edit(raw, "OBX", 1, "99", index)
        yield f"OBX {index + 1}: no OBX-3", edit(raw, "OBX", 3, "", index)
        yield f"OBX {index + 1}: OBX-3 without a system", edit(
            raw, "OBX", 3, lambda text: "^".join(text.split("^")[:2]), index)
        yield f"OBX {index + 1}: another name", edit(
            raw, "OBX", 3, lambda text: text.replace("MDC_", "MDC_X_").replace("over", "under^x"), index)
        yield f"OBX {index + 1}: OBX-4 of another device", edit(raw, "OBX", 4, lambda text: "7" + text, index)
        yield f"OBX {index + 1}: no OBX-11", edit(raw, "OBX", 11, "", index)
        yield f"OBX {index + 1}: OBX-11 Q", edit(raw, "OBX", 11, "Q", index)
        yield f"OBX {index + 1}: OBX-14 without an offset", edit(raw, "OBX", 14, "20260310070005", index)
        yield f"OBX {index + 1}: OBX-8 HIGH", edit(raw, "OBX", 8, "HIGH", index)
    for index in numeric(raw):
        yield f"OBX {index + 1}: no unit", edit(raw, "OBX", 6, "", index)
        yield f"OBX {index + 1}: kPa", edit(raw, "OBX", 6, "265987^MDC_DIM_KILO_PASCAL^MDC", index)
        yield f"OBX {index + 1}: no type", edit(raw, "OBX", 2, "", index)
        yield f"OBX {index + 1}: no value", edit(raw, "OBX", 5, "", index)
        yield f"OBX {index + 1}: no number", edit(raw, "OBX", 5, "NaN", index)
        yield f"OBX {index + 1}: a decimal comma", edit(raw, "OBX", 5, "7,5", index)
        yield f"OBX {index + 1}: withdrawn with its value", edit(raw, "OBX", 11, "W", index)
    if "150021" in raw and "150022" in raw:
        yield "systolic and diastolic swapped", swap(
            raw, "150021^MDC_PRESS_BLD_NONINV_SYS", "150022^MDC_PRESS_BLD_NONINV_DIA")
    if "8480-6" in raw:
        yield "LOINC swapped", swap(raw, "8480-6", "8462-4")


def main():
    verbose = "-v" in sys.argv
    here = os.path.dirname(os.path.abspath(__file__))
    files = [name for name in sys.argv[1:] if name != "-v"] or [
        os.path.join(here, "examples", "conforming-message.hl7")]
    tried = missed = 0
    for path in files:
        with open(path, encoding="utf-8", newline="") as file:
            raw = file.read()
        found = hl7check.problems(raw)
        if found:
            print(f"{path} does not conform: {found}")
            return 1
        for name, mutated in mutations(raw):
            if mutated is None or mutated == raw:
                continue
            tried += 1
            found = hl7check.problems(mutated)
            if verbose:
                print(f"{'caught' if found else 'MISSED'}  {name}: {found[:1]}")
            elif not found:
                print(f"MISSED  {os.path.basename(path)}: {name}")
            missed += not found
    print(f"{tried - missed} of {tried} faults caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
