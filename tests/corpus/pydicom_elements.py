# Prints every element of DICOM files as pydicom finds it, before it makes anything of the value: a line "@ FILE" for
# each file that it can read, "! MESSAGE" where it stops, and for each element "PATH<TAB>VR<TAB>LENGTH<TAB>CRC-32",
# the bytes in little endian. Sequences have the number of their items, encapsulated pixel data their bytes, item headers
# included.
import re
import sys
import warnings
import zlib

import pydicom
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence

warnings.simplefilter("ignore")
WORDS = {"AT": 2, "SS": 2, "US": 2, "OW": 2, "FL": 4, "SL": 4, "UL": 4, "OF": 4, "OL": 4,
         "FD": 8, "SV": 8, "UV": 8, "OD": 8, "OV": 8}


lines = []


def vr_of(raw):
    if raw.VR:
        return raw.VR
    try:
        return dictionary_VR(raw.tag)
    except KeyError:
        if raw.tag.element == 0:
            return "UL"
        return "LO" if raw.tag.is_private_creator else "UN"


def little_endian(value, vr):
    size = WORDS.get(vr, 1)
    return b"".join(value[i : i + size][::-1] for i in range(0, len(value), size)) if size > 1 else value


def as_bytes(value, vr):
    """Of the few values that pydicom has made something of already: character sets, and what a DICOMDIR refers to."""
    if isinstance(value, int):
        return value.to_bytes(WORDS[vr], "little")
    if not isinstance(value, (bytes, type(None))):
        value = (value if isinstance(value, str) else "\\".join(map(str, value))).encode()
        value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    return value or b""


def walk(data_set, path):
    for tag in sorted(data_set.keys()):
        here = "%s(%04X,%04X)" % (path, tag.group, tag.element)
        element = data_set.get_item(tag)
        vr = vr_of(element) if isinstance(element, RawDataElement) else element.VR
        value = element.value
        if vr == "SQ" or isinstance(value, Sequence):
            items = data_set[tag].value if not isinstance(value, Sequence) else value
            lines.append("%s\t%s\t%d items\t0" % (here, vr, len(items)))
            for number, item in enumerate(items):
                walk(item, "%s[%d]" % (here, number))
            continue
        value = as_bytes(value, vr)
        if getattr(element, "is_undefined_length", False) or getattr(element, "length", 0) == 0xFFFFFFFF:
            lines.append("%s\t%s\t%d in fragments\t%08x" % (here, vr, len(value), zlib.crc32(value)))
            continue
        if not getattr(element, "is_little_endian", True):
            value = little_endian(value, vr)
        lines.append("%s\t%s\t%d\t%08x" % (here, vr, len(value), zlib.crc32(value)))


def lines_of(file):
    global lines
    # What stands there, if it can be: a character set as UN stops pydicom.
    for config.replace_un_with_known_vr in (False, True):
        lines = []
        try:
            walk(pydicom.dcmread(file, force=True), "")
            break
        except Exception as error:
            lines.append("! %s: %s" % (type(error).__name__, re.sub(r"\s+", " ", str(error))[:80]))
    return lines


for file in sys.argv[1:]:
    print("\n".join(["@ " + file, *lines_of(file)]))
