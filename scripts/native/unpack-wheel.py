"""Takes TensorFlow's shared libraries and C headers out of its wheel: unpack-wheel.py WHEEL FOLDER"""

import os
import shutil
import sys
import zipfile

LIBRARIES = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
INCLUDE = "tensorflow/include/"
HEADERS = ("tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "tsl/c/", "xla/tsl/c/")


def target(name):
    if name in LIBRARIES:
        return "lib/" + os.path.basename(name)
    header = name[len(INCLUDE) :]
    if name.startswith(INCLUDE) and header.startswith(HEADERS) and header.endswith(".h"):
        return "include/" + header
    return None


wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if path := target(name):
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as packed, open(path, "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
