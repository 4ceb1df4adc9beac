# Prints the text values of DICOM files as pydicom decodes them: a line "@ FILE" for each file that it can read, then
# for each element a line "PATH<TAB>VR<TAB>UTF-8 in hexadecimal digits", backslashes between the values.
import os
import sys
import warnings

import pydicom
from pydicom.multival import MultiValue

warnings.simplefilter("ignore")
TEXT = {"PN", "LO", "SH", "ST", "LT", "UT", "UC"}


def walk(data_set, path):
    data_set.decode()
    for element in data_set:
        here = path + "(%04X,%04X)" % (element.tag.group, element.tag.element)
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                walk(item, "%s[%d]" % (here, number))
        elif element.VR in TEXT and element.value is not None:
            values = element.value if isinstance(element.value, (MultiValue, list)) else [element.value]
            text = "\\".join(str(value).strip(" \0") for value in values)
            print("%s\t%s\t%s" % (here, element.VR, text.encode("utf-8", "replace").hex()))


files = sys.argv[1:]
if files == ["--own"]:  # the character sets that pydicom's own tests use
    folder = os.path.join(os.path.dirname(pydicom.__file__), "data", "charset_files")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    files = [os.path.join(folder, name) for name in names if name.endswith(".dcm")]
for file in files:
    try:
        data_set = pydicom.dcmread(file, force=True, stop_before_pixels=True)
        lines = list(data_set)
    except Exception:
        continue
    print("@ " + file)
    try:
        walk(data_set, "")
    except Exception as error:
        print("!\t%s" % error)
