"""The files of the image, laid out in a folder, and the program run in them as the chart runs it."""

import base64
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import rig

PROGRAM = os.environ.get("AMPARO_BIN", "")
NATS = os.environ.get("AMPARO_NATS_BIN", "")
NOBODY = 65532

SECRETS = {
    "internal/token": "t" * 40,
    "postgres/url": "postgres://amparo_{service}:secret@127.0.0.1:1/amparo_{service}",
    "postgres-owner/url": "postgres://amparo_owner:secret@127.0.0.1:1/amparo_{service}",
    "nats/url": "nats://amparo:secret@127.0.0.1:1",
    "keyring/root-key": base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("="),
    "signing/secret": "s" * 40,
}


class Image:
    """What deploy/runtime-files lays out; within it the program runs where we may (as root)."""

    def __init__(self, secrets=None):
        self.folder = Path(tempfile.mkdtemp(prefix="amparo-image-"))
        self.folder.chmod(0o755)
        self.inside = os.geteuid() == 0
        self.secrets = {**SECRETS, **(secrets or {})}
        self.processes = []
        command = [str(rig.ROOT / "deploy" / "runtime-files"), PROGRAM, str(self.folder)]
        subprocess.run(command, check=True, env={"PATH": os.environ["PATH"]})
        self.files = list(self.folder.rglob("*"))
        self.times = {path.stat().st_mtime for path in self.files}

    def start(self, arguments, environment, **more):
        """Runs the program as the user of the image."""

        def become():
            if self.inside:
                os.chroot(self.folder)
                os.chdir("/var/lib/amparo")
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)

        program = "/amparo" if self.inside else PROGRAM
        given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(
            [program, *arguments], env=environment, preexec_fn=become, text=True, **given | more
        )
        self.processes.append(process)
        return process

    def at_home(self, container, addresses=None):
        """The settings of a container on this machine: listening on loopback, secrets that are
        there. `addresses` gives those of other services; the address of the probes is given too."""
        environment = {item["name"]: item["value"] for item in container["env"]}
        admin = free_port()
        for name, value in environment.items():
            if name == "AMPARO_ADMIN_LISTEN":
                environment[name] = f"127.0.0.1:{admin}"
            elif name.endswith("_LISTEN"):
                port = (addresses or {}).get(container["name"]) or free_port()
                environment[name] = f"127.0.0.1:{port}"
            elif name.endswith("_URL") and addresses:
                service = name.removeprefix("AMPARO_").removesuffix("_URL").lower()
                environment[name] = f"http://127.0.0.1:{addresses[service]}"
            elif value.startswith("/run/secrets/amparo/"):
                environment[name] = self.place(value, self.secrets[value.split("/", 4)[4]])
            elif value.startswith("/var/lib/amparo"):
                environment[name] = self.place(value, None if name.endswith("_SPOOL") else "")
        return environment, admin

    def place(self, path, text):
        """A file or, without a text, a folder; gives the path by which the program finds it."""
        there = self.folder / path.lstrip("/")
        folder = there if text is None else there.parent
        folder.mkdir(parents=True, exist_ok=True)
        if text and not there.exists():
            # Never written twice: another process may be reading it.
            there.write_text(text)
        if self.inside and path.startswith("/var"):
            os.chown(folder, NOBODY, NOBODY)
        return path if self.inside else str(there)

    def remove(self):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
            if process.stdout:
                process.stdout.close()
        shutil.rmtree(self.folder)


def free_port():
    """Below those that connections out are given, so that nobody takes it before it is used."""
    for port in random.sample(range(11_000, 19_000), 200):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def asked(process, port, path, wanted=None, seconds=15):
    """The status of an answer: the first one, or `wanted` if it comes in time."""
    status = None
    for _ in range(seconds * 10):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                status = answer.status
        except urllib.error.HTTPError as answer:
            status = answer.code
            answer.close()
        except OSError:
            if process.poll() is not None:
                said = process.stdout.read() if process.stdout else process.returncode
                raise AssertionError(f"it ended: {said}") from None
        if status is not None and wanted in (None, status):
            return status
        time.sleep(0.1)
    return status


def nats_config(folder, replicas, client=None, monitor=None):
    """The configuration that the chart makes, in a folder of this machine."""
    values = {"nats": {"bundled": {"enabled": True, "replicas": replicas}}}
    text = rig.Variant(f"nats-{replicas}", values).one("ConfigMap", "nats")["data"]["nats.conf"]
    text = text.replace('"/data"', f'"{folder}/data"').replace("/run/nats/", f"{folder}/")
    if client:
        text = text.replace("port: 4222", f"port: {client}\nhost: 127.0.0.1")
        text = text.replace("http_port: 8222", f'http: "127.0.0.1:{monitor}"')
    path = Path(folder) / "nats.conf"
    path.write_text(text)
    return path


def nats_server(*arguments):
    environment = {"POD_NAME": "amparo-nats-0", "NATS_PASSWORD": "n0t-a-secret"}
    return subprocess.Popen(
        [str(Path(NATS) / "nats-server"), *arguments], env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )


def has_nats():
    return bool(NATS) and Path(NATS, "nats-server").exists()
