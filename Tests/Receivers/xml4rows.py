"""Reads a file of rows named like XML4 and prints them as JSON: what a facility's program would see.

Exit 1 where a row has not exactly the twelve fields of the table, in its order, or one is longer than it may be.
"""
import json
import sys
import xml.etree.ElementTree as ElementTree

# Decision 4750/QD-BYT, table 4: field and most characters; 0: no limit is given.
FIELDS = [
    ("MA_LK", 100), ("STT", 10), ("MA_DICH_VU", 15), ("MA_CHI_SO", 50), ("TEN_CHI_SO", 255), ("GIA_TRI", 50),
    ("DON_VI_DO", 50), ("MO_TA", 0), ("KET_LUAN", 0), ("NGAY_KQ", 12), ("MA_BS_DOC_KQ", 255), ("DU_PHONG", 0),
]


def main() -> int:
    root = ElementTree.parse(sys.argv[1]).getroot()
    rows = []
    for row in root.find("DSACH_CHI_TIET_CLS"):
        if row.tag != "CHI_TIET_CLS" or [field.tag for field in row] != [name for name, _ in FIELDS]:
            print(f"not the fields of the table: {[field.tag for field in row]}")
            return 1
        for field, (name, most) in zip(row, FIELDS):
            if most and len(field.text or "") > most:
                print(f"{name} is longer than {most}")
                return 1
        rows.append({field.tag: field.text or "" for field in row})
    print(json.dumps(rows))
    return 0


sys.exit(main())
