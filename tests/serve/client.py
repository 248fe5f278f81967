# Sockets and the standard library alone -> a started lamina serve, requests of any kind, and the bits of lamina run.
# SPDX-License-Identifier: Apache-2.0
"""An Open Inference Protocol client that shares no code with the server, so that both cannot be wrong in one way."""
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import urllib.parse


class Server:
    """A lamina serve of its own, on a free port where none is given; as a context it is killed at the end."""

    def __init__(self, program, *arguments, port=0):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, "serve", "--port", str(port), *arguments],
                                        stdout=subprocess.PIPE, stderr=self.errors)
        line = self.process.stdout.readline().decode().strip()
        if not line:
            self.process.wait()
            raise RuntimeError("lamina serve did not start: " + self.log())
        self.port = urllib.parse.urlsplit(line).port

    def log(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def connect(self, timeout=10):
        return Connection(self.port, timeout)

    def send(self, number):
        self.process.send_signal(number)

    def end(self):
        """SIGTERM -> exit status."""
        self.send(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def metrics(self):
        """{"name{labels}": value}"""
        with self.connect() as connection:
            body = connection.get("/metrics").body.decode()
        lines = [line.rsplit(" ", 1) for line in body.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]


class Connection:
    """One keep-alive connection; ConnectionError where it ends without a whole answer."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.inbox = b""

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed after %d bytes of an answer" % len(self.inbox))
        self.inbox += data

    def receive(self, only_head=False):
        while b"\r\n\r\n" not in self.inbox:
            self._fill()
        head, self.inbox = self.inbox.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        length = 0 if only_head else int(headers.get("content-length", 0))
        while len(self.inbox) < length:
            self._fill()
        body, self.inbox = self.inbox[:length], self.inbox[length:]
        return Response(int(lines[0].split(" ")[1]), headers, body)

    def get(self, path):
        self.send(b"GET %s HTTP/1.1\r\nHost: h\r\n\r\n" % path.encode())
        return self.receive()

    def post(self, path, body, headers=()):
        self.send(post(path, body, headers))
        return self.receive()

    def is_closed(self):
        try:
            return self.inbox == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def post(path, body, headers=()):
    head = "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n" % (path, len(body))
    return (head + "".join("%s: %s\r\n" % header for header in headers) + "\r\n").encode() + body


class Rows:
    """float32 rows of an npy file, as bytes."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        start = 10 + struct.unpack("<H", data[8:10])[0]
        header = data[10:start].decode()
        assert data[:6] == b"\x93NUMPY" and "'<f4'" in header and "'fortran_order': False" in header, header
        shape = header.split("'shape': (")[1].split(")")[0]
        self.count, self.size = (int(part) for part in shape.split(","))
        self.data = data[start:]

    def __getitem__(self, index):
        """Bytes of rows: of one, or of a slice."""
        first, last = (index.start, index.stop) if isinstance(index, slice) else (index, index + 1)
        return self.data[first * self.size * 4:last * self.size * 4]

    def numbers(self, index):
        data = self[index]
        return struct.unpack("<%df" % (len(data) // 4), data)


def answers_of_run(program, model, x):
    """What lamina run answers to the rows of a file."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "y.npy")
        subprocess.run([program, "run", model, "-i", x, "-o", out], check=True)
        return Rows(out)


def json_request(rows, first, last, name="input", nested=False, **members):
    numbers = rows.numbers(slice(first, last))
    size = rows.size
    data = [numbers[i:i + size] for i in range(0, len(numbers), size)] if nested else numbers
    tensor = {"name": name, "shape": [last - first, size], "datatype": "FP32", "data": data}
    return json.dumps({**members, "inputs": [tensor]}).encode()


def binary_request(rows, first, last, name="input", binary_output=True):
    """Body and headers."""
    data = rows[first:last]
    tensor = {"name": name, "shape": [last - first, rows.size], "datatype": "FP32",
              "parameters": {"binary_data_size": len(data)}}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": binary_output}}).encode()
    return head + data, [("Inference-Header-Content-Length", len(head)), ("Content-Type", "application/octet-stream")]


def output_bytes(response):
    """The bits of the only output, from JSON or binary."""
    length = response.headers.get("inference-header-content-length")
    if length is None:
        data = response.json["outputs"][0]["data"]
        return struct.pack("<%df" % len(data), *data)
    tensor = json.loads(response.body[:int(length)])["outputs"][0]
    data = response.body[int(length):]
    assert tensor["parameters"]["binary_data_size"] == len(data), tensor
    return data
