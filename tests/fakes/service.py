"""`python -m tests.fakes.service NAME`: a program with a service's manners: listens on PORT, answers /readyz and /metrics.

STUBBORN=1: it ignores SIGTERM.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METRICS = """\
serap_consumer_lag_records{topic="aspirations.submitted.v1",group="routing"} 7
serap_consumer_lag_records{topic="citizens.replies.v1",group="routing"} 2
serap_consumer_lag_seconds{topic="aspirations.submitted.v1",group="routing"} 1.5
serap_consumer_lag_seconds{topic="citizens.replies.v1",group="routing"} 0.5
serap_outbox_rows 3
serap_outbox_age_seconds 4.5
serap_dead_letters{topic="aspirations.lifecycle.v1.SERVICE.dlq"} 1
"""


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        metrics = METRICS.replace("SERVICE", sys.argv[1])
        body = (metrics if self.path == "/metrics" else '{"ready": true, "missing": {}}').encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def main() -> None:
    stubborn = os.environ.get("STUBBORN") == "1"
    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else lambda *_: os._exit(0))
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answers).serve_forever()


if __name__ == "__main__":
    main()
