"""A program that only says how it is. FAKE_<NAME> lets it `crash`, stay `unready`, or have a `child` that leaves it."""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = os.environ["TWINSHOP_COMPONENTS"].split(",")
MODE = os.environ.get(f"FAKE_{NAMES[0].upper()}")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = MODE != "unready"
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(
            json.dumps({"components": dict.fromkeys(NAMES, "ready" if ready else "database locked")}).encode()
        )

    def log_message(self, *parts):
        pass


print(f"this is {NAMES[0]}", flush=True)
if MODE == "crash":
    sys.exit("ValueError: no such setting")
if MODE == "child":
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["TWINSHOP_PORT"])), Answers).serve_forever()
