# Two replicas of lamina serve behind HAProxy, driven by wrk and by clients that check each answer -> one killed, one ended
# gracefully, both under load: every answer is right, every failure was told.
# SPDX-License-Identifier: Apache-2.0
"""usage: replicas.py LAMINA-PROGRAM SOURCE-FOLDER; ends with 77 where haproxy or wrk is missing"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from client import Connection, Rows, Server, answers_of_run, binary_request, free_port, json_request, output_bytes

PROGRAM, SOURCE = sys.argv[1:3]
MODEL = os.path.join(SOURCE, "models/digits/model.safetensors")
X = Rows(os.path.join(SOURCE, "models/digits/x.npy"))
Y = answers_of_run(PROGRAM, MODEL, os.path.join(SOURCE, "models/digits/x.npy"))
INFER = "/v2/models/digits/infer"

# Around the snippet of docs/serve.md.
FRONT = """
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s

frontend models
  bind 127.0.0.1:%d
  default_backend lamina

"""


def configuration(front, ports):
    with open(os.path.join(SOURCE, "docs/serve.md")) as file:
        snippet = file.read().split("```haproxy\n")[1].split("```")[0]
    for documented, port in zip(("10.0.0.1:8080", "10.0.0.2:8080"), ports):
        assert documented in snippet
        snippet = snippet.replace(documented, "127.0.0.1:%d" % port)
    return FRONT % front + snippet.replace("inter 1s", "inter 100ms")


class Counts:
    def __init__(self):
        self.lock = threading.Lock()
        self.right = self.refused = self.broken = 0
        self.wrong = []

    def add(self, name, wrong=None):
        with self.lock:
            setattr(self, name, getattr(self, name) + 1) if wrong is None else self.wrong.append(wrong)


def one_request(connection, seed, i):
    """True, or what was wrong, or the status of a refusal."""
    first = (seed * 53 + i * 17) % (X.count - 8)
    last = first + 1 + i % 8
    if i % 2 == 0:
        response = connection.post(INFER, json_request(X, first, last))
    else:
        response = connection.post(INFER, *binary_request(X, first, last))
    if response.status != 200:
        return response.status
    return output_bytes(response) == Y[first:last] or "rows %d to %d" % (first, last)


def drive(port, seed, counts, stop):
    i = 0
    while not stop.is_set():
        try:
            with Connection(port, timeout=20) as connection:
                for _ in range(50):
                    if stop.is_set():
                        break
                    i += 1
                    result = one_request(connection, seed, i)
                    if result is True:
                        counts.add("right")
                    elif result in (502, 503, 504):
                        counts.add("refused")
                    else:
                        counts.add("wrong", result)
        except TimeoutError as error:  # neither an answer nor a failure
            counts.add("wrong", repr(error))
        except (ConnectionError, OSError):
            counts.add("broken")


def start_wrk(port, seconds, folder):
    script = os.path.join(folder, "post.lua")
    with open(script, "w") as file:
        file.write("wrk.method = 'POST'\nwrk.body = %s\n" % json.dumps(json_request(X, 0, 1).decode()))
    return subprocess.Popen(["wrk", "-t1", "-c8", "-d%ds" % seconds, "--timeout", "20s", "-s", script,
                             "http://127.0.0.1:%d%s" % (port, INFER)], stdout=subprocess.PIPE, text=True)


def await_ready(port):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with Connection(port, timeout=5) as connection:
                if connection.get("/v2/health/ready").status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError("HAProxy found no replica")


def start_replica(port):
    return Server(PROGRAM, "digits=" + MODEL, "--drain-delay", "1", port=port)


def kill_and_end(ports, counts):
    """Failures before, after one replica was killed, and after the other one was ended; its exit status."""
    def failures():
        return counts.refused + counts.broken

    with start_replica(ports[0]) as first, start_replica(ports[1]) as second:
        yield
        time.sleep(1)
        seen = [failures()]
        first.process.kill()
        first.process.wait()
        time.sleep(1.5)
        seen.append(failures())
        with start_replica(ports[0]):
            time.sleep(1)
            status = second.end()
            time.sleep(0.5)
            seen.append(failures())
            yield seen, status


def judge(counts, seen, status, report):
    print(report)
    print("%d right, %d refused by HAProxy, %d connections broken, %d wrong" %
          (counts.right, counts.refused, counts.broken, len(counts.wrong)))
    print("failures: %d before, %d by the kill, %d by the graceful end" % (seen[0], seen[1] - seen[0], seen[2] - seen[1]))
    assert counts.wrong == [], counts.wrong[:10]
    assert counts.right > 500
    assert seen[0] == 0
    assert seen[2] == seen[1], "a graceful end fails nobody"
    assert status == 0
    requests = int(re.search(r"(\d+) requests in", report).group(1))
    assert requests > 500
    assert " timeout " not in report or " timeout 0" in report, "a request without any end"


def drive_all(front, ports, folder, counts):
    steps = kill_and_end(ports, counts)
    next(steps)
    stop = threading.Event()
    clients = [threading.Thread(target=drive, args=(front, seed, counts, stop)) for seed in range(4)]
    wrk = None
    try:
        await_ready(front)
        wrk = start_wrk(front, 4, folder)
        for client in clients:
            client.start()
        seen, status = next(steps)
        report = wrk.communicate()[0]
    finally:
        stop.set()
        for client in clients:
            if client.ident:
                client.join()
        steps.close()
    judge(counts, seen, status, report)


def main():
    if not shutil.which("haproxy") or not shutil.which("wrk"):
        print("haproxy or wrk is missing")
        return 77
    front, *ports = (free_port() for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w") as file:
            file.write(configuration(front, ports))
        haproxy = subprocess.Popen(["haproxy", "-f", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            drive_all(front, ports, folder, Counts())
        finally:
            haproxy.kill()
            haproxy.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
