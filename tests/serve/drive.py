# lamina serve, started -> what it does with good, bad, slow and leaving clients, with signals and with bad models.
# SPDX-License-Identifier: Apache-2.0
"""usage: drive.py LAMINA-PROGRAM SOURCE-FOLDER [TEST...]"""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from client import (Connection, Rows, Server, answers_of_run, binary_request, json_request, output_bytes, post)

PROGRAM, SOURCE = sys.argv[1:3]
MODEL = os.path.join(SOURCE, "models/digits/model.safetensors")
X = Rows(os.path.join(SOURCE, "models/digits/x.npy"))
Y = answers_of_run(PROGRAM, MODEL, os.path.join(SOURCE, "models/digits/x.npy"))
INFER = "/v2/models/digits/infer"


def start(*arguments):
    return Server(PROGRAM, "digits=" + MODEL, *arguments)


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Answers(unittest.TestCase):
    def test_every_row_has_the_bits_of_lamina_run(self):
        with start() as server, server.connect() as connection:
            for i in range(X.count):
                response = connection.post(INFER, json_request(X, i, i + 1, id=str(i), nested=i % 2 == 0))
                self.assertEqual((response.status, response.json["id"]), (200, str(i)))
                self.assertEqual(output_bytes(response), Y[i])
            for first in range(0, X.count, 40):
                response = connection.post(INFER, *binary_request(X, first, first + 40))
                self.assertEqual(output_bytes(response), Y[first:first + 40])
            raw = connection.post(INFER, X[0:5], [("Inference-Header-Content-Length", 0)])
            self.assertEqual(output_bytes(raw), Y[0:5])

    def test_concurrent_requests_of_all_forms_get_their_own_answers(self):
        wrong = []

        def drive(server, seed):
            with server.connect() as connection:
                for i in range(60):
                    first = (seed * 37 + i * 11) % (X.count - 64)
                    last = first + 1 + (seed + i) % 64
                    if i % 3 == 0:
                        response = connection.post(INFER, json_request(X, first, last))
                    else:
                        response = connection.post(INFER, *binary_request(X, first, last, binary_output=i % 3 == 1))
                    if response.status != 200 or output_bytes(response) != Y[first:last]:
                        wrong.append((seed, i, response.status))

        with start("--max-delay", "100") as server:
            threads = [threading.Thread(target=drive, args=(server, seed)) for seed in range(12)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])
            metrics = server.metrics()
            self.assertEqual(metrics['lamina_requests_total{model="digits",version="1",outcome="ok"}'], 12 * 60)

    def test_pipelined_requests_are_answered_in_order(self):
        with start() as server, server.connect() as connection:
            count = 50
            connection.send(b"".join(post(INFER, json_request(X, i, i + 1, id=str(i))) for i in range(count)))
            for i in range(count):
                response = connection.receive()
                self.assertEqual(response.json["id"], str(i))
                self.assertEqual(output_bytes(response), Y[i])

    def test_models_and_versions_answer_side_by_side(self):
        diabetes = os.path.join(SOURCE, "models/diabetes/model.safetensors")
        with Server(PROGRAM, "m=" + MODEL, "m:3=" + diabetes) as server, server.connect() as connection:
            self.assertEqual(connection.get("/v2/models/m").json["inputs"][0]["shape"], [-1, 10])
            self.assertEqual(connection.get("/v2/models/m/versions/1").json["inputs"][0]["shape"], [-1, 64])
            response = connection.post("/v2/models/m/versions/1/infer", json_request(X, 0, 1))
            self.assertEqual(output_bytes(response), Y[0])


class BadRequests(unittest.TestCase):
    def test_a_request_that_cannot_be_answered_says_why_and_the_connection_goes_on(self):
        cases = [
            ("/v2/models/digits/infer", b"{", 400, "request body: expected JSON"),
            ("/v2/models/digits/infer", b"{}", 400, "inputs: expected 'input' alone, got none"),
            ("/v2/models/digits/infer", json_request(X, 0, 65), 400, "rows: expected from 1 to 64, got 65"),
            ("/v2/models/digits/infer", json_request(X, 0, 1, name="x"), 400, "expected 'input' alone, got 'x'"),
            ("/v2/models/none/infer", b"{}", 404, "unknown model 'none'"),
            ("/v2/models/digits/versions/2/infer", b"{}", 404, "version: expected 1, got '2'"),
            ("/v2/models/digits", b"{}", 405, "method: expected GET, HEAD"),
            ("/nothing", b"{}", 404, "path: expected /v2"),
        ]
        with start() as server, server.connect() as connection:
            for path, body, status, message in cases:
                response = connection.post(path, body)
                self.assertEqual((response.status, response.headers["content-type"]), (status, "application/json"))
                self.assertIn(message, response.error)
            self.assertEqual(output_bytes(connection.post(INFER, json_request(X, 7, 8))), Y[7])

    def test_broken_framing_is_answered_and_ends_the_connection(self):
        cases = [
            (b"nonsense\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nX: " + b"x" * 20000, 431),
            (b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\nExpect: 100-continue\r\n\r\n", 413),
            (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 30000, 431),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: " + b"a" * 30000, 431),
        ]
        for coding in b"gzip", b"xchunked", b"chunked, identity", b"chunked, chunked":
            hidden = b"GET /v2/health/live HTTP/1.1\r\n\r\n"
            cases.append((b"GET /v2 HTTP/1.1\r\nTransfer-Encoding: " + coding + b"\r\n\r\n" + hidden, 501))
        with start("--max-body", "1") as server:
            for data, status in cases:
                with server.connect() as connection:
                    connection.send(data)
                    response = connection.receive()
                    self.assertEqual((response.status, response.headers["connection"]), (status, "close"))
                    self.assertIn("error", response.json)
                    self.assertTrue(connection.is_closed())

    def test_forms_of_http(self):
        with start() as server:
            with server.connect() as connection:
                connection.send(b"HEAD /v2 HTTP/1.1\r\n\r\n")
                head = connection.receive(only_head=True)
                self.assertEqual(int(head.headers["content-length"]), len(connection.get("/v2").body))
                body = json_request(X, 0, 1)
                connection.send(post(INFER, body, [("Expect", "100-continue")])[:-len(body)])
                self.assertEqual(connection.receive().status, 100)
                connection.send(body)
                self.assertEqual(output_bytes(connection.receive()), Y[0])
                chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 100]), body[i:i + 100])
                                  for i in range(0, len(body), 100)) + b"0\r\n\r\n"
                connection.send(b"POST %s HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" % INFER.encode() + chunks)
                self.assertEqual(output_bytes(connection.receive()), Y[0])
                connection.send(b"GET /v2 HTTP/1.0\r\n\r\n")
                self.assertEqual(connection.receive().headers["connection"], "close")
                self.assertTrue(connection.is_closed())


class WhatIsShared(unittest.TestCase):
    def test_announced_bodies_hold_no_memory(self):
        with start("--max-memory", "128") as server, contextlib.ExitStack() as waiting:
            for _ in range(4):
                waiting.enter_context(server.connect()).send(b"POST / HTTP/1.1\r\nContent-Length: 60000000\r\n\r\n")
            time.sleep(0.1)
            with server.connect() as connection:
                self.assertEqual(output_bytes(connection.post(INFER, json_request(X, 3, 4))), Y[3])

    def test_a_log_that_nobody_reads_ends_nothing(self):
        out, into = os.pipe()
        process = subprocess.Popen([PROGRAM, "serve", "--port", "0", "--log-requests", "digits=" + MODEL],
                                   stdout=subprocess.PIPE, stderr=into)
        os.close(into)
        port = int(process.stdout.readline().decode().rsplit(":", 1)[1])
        os.close(out)
        for _ in range(3):
            with Connection(port, 10) as connection:
                self.assertEqual(connection.get("/v2/health/live").status, 200)
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        self.assertEqual(process.wait(timeout=30), 0)


class SlowAndLeavingClients(unittest.TestCase):
    def test_a_slow_client_within_the_limits_is_served(self):
        with start() as server, server.connect() as connection:
            data = post(INFER, json_request(X, 3, 4))
            for i in range(0, len(data), 23):
                connection.send(data[i:i + 23])
                time.sleep(0.002)
            self.assertEqual(output_bytes(connection.receive()), Y[3])

    def test_a_client_that_is_too_slow_is_told_and_ended(self):
        with start("--read-timeout", "1", "--idle-timeout", "1") as server:
            whole = post(INFER, json_request(X, 0, 1))
            header, body, idle, silent = (server.connect() for _ in range(4))
            header.send(whole[:30])
            body.send(whole[:-30])
            idle.get("/v2/health/live")
            for connection, what in ((header, "header"), (body, "body")):
                response = connection.receive()
                self.assertEqual((response.status, response.error), (408, what + ": it took too long to come"))
            for connection in (header, body, idle, silent):
                self.assertTrue(connection.is_closed())
                connection.close()
            self.assertEqual(server.metrics()["lamina_http_timeouts_total"], 2)

    def test_clients_that_leave_at_any_point_leave_nothing_behind(self):
        with start() as server:
            server.metrics()
            data = post(INFER, json_request(X, 0, 1))
            for end in (0, 1, 40, len(data) // 2, len(data) - 1, len(data)):
                for _ in range(20):
                    with server.connect() as connection:
                        connection.send(data[:end])
            self.assertTrue(wait_until(lambda: server.metrics()["lamina_http_connections"] == 1))
            with server.connect() as connection:
                self.assertEqual(output_bytes(connection.post(INFER, json_request(X, 0, 1))), Y[0])

    def test_connections_beyond_the_limit_are_told(self):
        with start("--max-connections", "3") as server:
            kept = [server.connect() for _ in range(3)]
            for connection in kept:
                self.assertEqual(connection.get("/v2/health/live").status, 200)
            with server.connect() as more:
                response = more.receive()
                self.assertEqual((response.status, response.headers["retry-after"]), (503, "1"))
            kept.pop().close()

            def accepted():
                with server.connect() as connection:
                    try:
                        return connection.get("/v2/health/live").status == 200
                    except ConnectionError:
                        return False
            self.assertTrue(wait_until(accepted))
            for connection in kept:
                connection.close()


class Signals(unittest.TestCase):
    def test_sigterm_answers_what_is_under_way_and_ends_with_0(self):
        with start("--drain-delay", "1") as server:
            data = post(INFER, json_request(X, 5, 6))
            pending, idle = server.connect(), server.connect()
            pending.send(data[:-20])
            self.assertEqual(idle.get("/v2/health/ready").status, 200)
            server.send(signal.SIGTERM)

            def is_not_ready():
                with server.connect() as connection:
                    return connection.get("/v2/health/ready").status == 503
            self.assertTrue(wait_until(is_not_ready))
            with server.connect() as connection:  # not ready, but answering
                self.assertEqual(output_bytes(connection.post(INFER, json_request(X, 6, 7))), Y[6])
                self.assertEqual(connection.get("/v2/health/live").status, 200)
            self.assertTrue(idle.is_closed())
            with self.assertRaises(ConnectionError):
                server.connect()
            self.assertIsNone(server.process.poll())
            pending.send(data[-20:])
            response = pending.receive()
            self.assertEqual((output_bytes(response), response.headers["connection"]), (Y[5], "close"))
            pending.close()
            idle.close()
            self.assertEqual(server.process.wait(10), 0)
            self.assertIn("event=draining", server.log())
            self.assertIn("event=ended", server.log())

    def test_an_end_waits_no_longer_than_it_was_told(self):
        with start("--drain-timeout", "1") as server, server.connect() as connection:
            connection.send(post(INFER, b"12345")[:-2])
            begin = time.monotonic()
            self.assertEqual(server.end(), 0)
            self.assertLess(time.monotonic() - begin, 5)
        with start() as server, server.connect() as connection:
            connection.send(post(INFER, b"12345")[:-2])
            time.sleep(0.1)
            server.send(signal.SIGINT)
            time.sleep(0.2)
            self.assertIsNone(server.process.poll())
            self.assertEqual(server.end(), 0)  # the second one does not wait

    def test_sighup_takes_a_good_model_and_keeps_the_old_one_where_the_new_is_bad(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "digits.safetensors")
            x, y = (os.path.join(SOURCE, "models/digits", name) for name in ("x.npy", "expected.npy"))
            subprocess.run([PROGRAM, "convert", MODEL, path, "--golden", x + "," + y], check=True)
            with open(path, "rb") as file:
                good = file.read()
            with Server(PROGRAM, path) as server, server.connect() as connection:
                self.assertIn("verified=true", server.log())

                def reload(content, event):
                    with open(path + ".new", "wb") as file:
                        file.write(content)
                    os.rename(path + ".new", path)
                    seen = server.log().count(event)
                    server.send(signal.SIGHUP)
                    self.assertTrue(wait_until(lambda: server.log().count(event) == seen + 1))
                    self.assertEqual(output_bytes(connection.post(INFER, json_request(X, 9, 10))), Y[9])

                reload(good, "event=reloaded")
                reload(good[:1000], "event=reload_failed")
                middle = good.index(b"lamina.golden") + len(good) // 2
                reload(good[:middle] + bytes(4000) + good[middle + 4000:], "event=reload_failed")
                self.assertIn("golden vectors", server.log())
                reload(good, "event=reloaded")
                metrics = server.metrics()
                self.assertEqual(metrics["lamina_reloads_total"], 2)
                self.assertEqual(metrics["lamina_reload_failures_total"], 2)


class Program(unittest.TestCase):
    def outcome(self, *arguments):
        result = subprocess.run([PROGRAM, "serve", *arguments], capture_output=True, timeout=30)
        self.assertEqual(result.stdout, b"")
        last = result.stderr.decode().strip().splitlines()[-1]
        return result.returncode, last

    def test_what_keeps_it_from_starting_is_one_line_and_a_status(self):
        status, line = self.outcome("none.onnx")
        self.assertEqual(status, 1)
        self.assertTrue(line.startswith("lamina serve: none.onnx: "), line)
        self.assertEqual(self.outcome()[0], 2)
        self.assertEqual(self.outcome(MODEL, "--port", "70000")[0], 2)
        self.assertEqual(self.outcome(MODEL, "--max-batch", "0")[0], 2)
        self.assertIn("--address: expected an IP address", self.outcome(MODEL, "--address", "localhost")[1])
        self.assertIn("version 1 is that of", self.outcome(MODEL, MODEL)[1])
        with start() as server:
            status, line = self.outcome(MODEL, "--port", str(server.port))
            self.assertEqual(status, 1)
            self.assertIn("cannot listen: ", line)

    def test_without_connections_it_costs_no_cpu_and_without_being_asked_it_logs_no_request(self):
        with start() as quiet, start("--log-requests") as talking:
            for server in (quiet, talking):
                with server.connect() as connection:
                    connection.get("/v2/health/live")
            self.assertNotIn("event=request", quiet.log())
            self.assertTrue(wait_until(lambda: "event=request method=GET target=/v2/health/live status=200 "
                                       in talking.log()))
            time.sleep(0.3)
            before = quiet.cpu_seconds()
            time.sleep(1)
            self.assertLessEqual(quiet.cpu_seconds() - before, 0.01)


class Documentation(unittest.TestCase):
    @unittest.skipUnless(shutil.which("curl"), "no curl")
    def test_the_commands_of_docs_serve_md_give_what_stands_there(self):
        with open(os.path.join(SOURCE, "docs/serve.md")) as file:
            text = file.read()
        self.assertIn("lamina serve diabetes=models/diabetes/model.safetensors\n", text)
        commands = re.findall(r"^\$ (.*)\n((?:(?![$`]).*\n)*)", "".join(re.findall(r"```console\n(.*?)```", text, re.S)),
                              re.M)
        self.assertGreater(len(commands), 4)
        with Server(PROGRAM, "diabetes=" + os.path.join(SOURCE, "models/diabetes/model.safetensors")) as server:
            for command, wanted in commands:
                here = command.replace("127.0.0.1:8080", "127.0.0.1:%d" % server.port)
                result = subprocess.run(["bash", "-c", here], capture_output=True, text=True, timeout=30)
                self.assertEqual(result.stdout.rstrip("\n"), wanted.rstrip("\n"), command)


if __name__ == "__main__":
    shutil.which(PROGRAM) or sys.exit(PROGRAM + ": no program")
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
