#!/usr/bin/env python3
"""Compares programs by turns.

    benches/turns.py CALBENCH before=PROGRAM after=PROGRAM [--rounds 3] [--only put-new]

Starts one server per program, each on an empty store with 300 accounts, and runs every workload on
each of them, round after round. Prints the median of the server's processor time per request in
milliseconds, and the ratio of the last program to the first. Needs a machine that has nothing else to do.
"""
import argparse
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent / "calbench"
EIGHT = ["--clients", "8", "--users", "8", "--objects", "500"]
WORKLOADS = {
    "get": [*EIGHT, "--seconds", "3", "get"],
    "multiget": [*EIGHT, "--seconds", "3", "multiget"],
    "put-new": [*EIGHT, "--seconds", "4", "put-new"],
    "invite 1": ["--first-user", "100", "--seconds", "3", "--warmup", "2", "invite", "--attendees", "1"],
    "invite 10": ["--first-user", "100", "--seconds", "3", "--warmup", "2", "invite", "--attendees", "10"],
    "invite 50": ["--first-user", "100", "--seconds", "4", "--warmup", "2", "invite", "--attendees", "50"],
    "invite 200": ["--first-user", "50", "--seconds", "6", "--warmup", "2", "invite", "--attendees", "200"],
    "reply 10": ["--first-user", "20", "--seconds", "4", "--warmup", "2", "reply", "--attendees", "10"],
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running program on a store of its own."""

    def __init__(self, name, program, people):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"turns-{name}-"))
        address = f"127.0.0.1:{free_port()}"
        command = [program, "--data", str(self.folder / "data")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*command, "principal", "import", "--password-is-id", people], check=True, **quiet)
        self.process = subprocess.Popen([*command, "serve", "--listen", address], **quiet)
        self.description = self.folder / "server.toml"
        self.description.write_text((HERE / "daybook.toml").read_text().replace("127.0.0.1:8080", address))
        self.wait_for(address)

    @staticmethod
    def wait_for(address):
        host, port = address.split(":")
        for _ in range(100):
            try:
                return socket.create_connection((host, int(port))).close()
            except OSError:
                time.sleep(0.1)
        sys.exit(f"no server answers at {address}")

    def run(self, calbench, arguments):
        """Returns the report of one run of calbench."""
        call = [calbench, "--server", str(self.description), "--server-pid", str(self.process.pid), *arguments]
        done = subprocess.run(call, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{self.name}: {' '.join(arguments)}: {done.stderr or done.stdout}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    def memory_mib(self, kind):
        """Returns a figure of /proc/PID/status: VmRSS, or RssAnon, which leaves out the pages of files."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(kind))

    def stop(self):
        self.process.terminate()
        self.process.wait()


def compare(servers, calbench, arguments, rounds):
    """Returns, per server, the processor times of all rounds; every second round goes backwards."""
    taken = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            taken[server.name].append(server.run(calbench, arguments)["server_cpu_ms_per_req"])
    return taken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calbench")
    parser.add_argument("programs", nargs="+", metavar="NAME=PROGRAM")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=WORKLOADS)
    options = parser.parse_args()

    with tempfile.NamedTemporaryFile("w", suffix=".toml") as people:
        people.write(subprocess.run([HERE / "people", "300"], check=True, capture_output=True, text=True).stdout)
        people.flush()
        servers = [Server(*program.split("=", 1), people.name) for program in options.programs]
    try:
        for server in servers:
            server.run(options.calbench, ["--users", "8", "--objects", "500", "setup"])
        print("| workload |", " | ".join(server.name for server in servers), "| ratio |")
        for name in options.only or WORKLOADS:
            taken = compare(servers, options.calbench, WORKLOADS[name], options.rounds)
            medians = [statistics.median(times) for times in taken.values()]
            print(f"| {name} |", " | ".join(f"{m:.3f}" for m in medians), f"| {medians[-1] / medians[0]:.2f} |", flush=True)
        for title, kind in (("resident, MiB", "VmRSS"), ("of it not of files", "RssAnon")):
            sizes = [server.memory_mib(kind) for server in servers]
            print(f"| {title} |", " | ".join(f"{size:.0f}" for size in sizes), f"| {sizes[-1] / sizes[0]:.2f} |")
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
