"""python driver.py SAMPLE CASES: `yes` or `no` for each line of CASES."""

import base64
import importlib.util
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("sample", sys.argv[1])
assert spec is not None
assert spec.loader is not None
sample = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sample)

with Path(sys.argv[2]).open() as cases:
    for line in cases:
        headers, fields = {}, line.rstrip("\n").split("\t")
        if len(fields) == 2:
            if fields[0] != "-":
                headers["x-callboard-token"] = fields[0]
            is_valid = sample.has_token(headers, fields[1])
        elif fields[0] == "timestamped":
            if fields[1] != "-":
                headers["x-callboard-signature"] = fields[1]
            body = base64.b64decode(fields[4])
            is_valid = sample.is_genuine(headers, body, fields[2], int(fields[3]))
        elif fields[0] == "sha256":
            if fields[1] != "-":
                headers["x-hub-signature-256"] = fields[1]
            is_valid = sample.is_genuine(headers, base64.b64decode(fields[3]), fields[2])
        else:
            names = ("webhook-id", "webhook-timestamp", "webhook-signature")
            headers = {k: v for k, v in zip(names, fields, strict=False) if v != "-"}
            body = base64.b64decode(fields[5])
            is_valid = sample.is_genuine(headers, body, fields[3], int(fields[4]))
        sys.stdout.write("yes\n" if is_valid else "no\n")
