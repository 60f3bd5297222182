"""A real API server for tests, where its programs are at hand: KUBE_TESTENV names their folder.

kube-apiserver keeps what all clusters have; apiextensions-apiserver, which is newer, keeps what is
defined by us. Both on loopback, on etcd in a folder of their own.
"""

import atexit
import functools
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from laid_out import free_port

PROGRAMS = ["etcd", "kube-apiserver", "apiextensions-apiserver"]
TOKEN = "a-token-for-tests"


def at_hand():
    folder = os.environ.get("KUBE_TESTENV", "/var/cache/kube-testenv")
    folder = Path(folder, "bin") if folder and Path(folder, "bin").is_dir() else Path(folder)
    found = folder != Path() and all((folder / name).exists() for name in PROGRAMS)
    return folder if found and shutil.which("openssl") else None


@functools.cache
def servers():
    """Started once for all tests."""
    started = Servers()
    atexit.register(started.stop)
    return started


class Servers:
    """Both servers, started; `stop` ends them."""

    def __init__(self):
        self.programs = at_hand()
        self.folder = Path(tempfile.mkdtemp(prefix="amparo-kube-"))
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        etcd, peer = free_port(), free_port()
        store = f"http://127.0.0.1:{etcd}"
        self.run(
            "etcd", f"--data-dir={self.folder}/etcd", f"--listen-client-urls={store}",
            f"--advertise-client-urls={store}", f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
        )
        key = self.folder / "accounts.key"
        command = ["openssl", "genrsa", "-out", str(key), "2048"]
        subprocess.run(command, check=True, capture_output=True)
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f'{TOKEN},tester,tester,"system:masters"\n')
        self.core = f"https://127.0.0.1:{free_port()}"
        self.run(
            "kube-apiserver", f"--etcd-servers={store}", f"--token-auth-file={tokens}",
            f"--secure-port={self.core.rsplit(':')[-1]}", "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder}/core", "--authorization-mode=RBAC", "--anonymous-auth=false",
            "--service-cluster-ip-range=10.0.0.0/24", "--service-account-issuer=https://tests",
            f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
            "--disable-admission-plugins=ServiceAccount",
        )
        self.wait(self.core)
        self.config = config = self.folder / "kubeconfig"
        config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "core",
            "clusters": [{"name": "core", "cluster": {"server": self.core, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "tester", "user": {"token": TOKEN}}],
            "contexts": [{"name": "core", "context": {"cluster": "core", "user": "tester"}}],
        }))
        self.own = f"https://127.0.0.1:{free_port()}"
        self.run(
            "apiextensions-apiserver", f"--etcd-servers={store}", "--etcd-prefix=/own",
            f"--secure-port={self.own.rsplit(':')[-1]}", "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder}/own", f"--kubeconfig={config}",
            f"--authentication-kubeconfig={config}", f"--authorization-kubeconfig={config}",
            "--authentication-skip-lookup", "--enable-priority-and-fairness=false",
            "--disable-admission-plugins=NamespaceLifecycle,"
            "MutatingAdmissionWebhook,ValidatingAdmissionWebhook,ValidatingAdmissionPolicy,MutatingAdmissionPolicy",
        )
        self.wait(self.own)

    def run(self, program, *arguments):
        log = (self.folder / f"{program}.log").open("w")
        process = subprocess.Popen(
            [str(self.programs / program), *arguments], stdout=log, stderr=log,
            cwd=self.folder, env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"},
        )
        self.processes.append((program, process))

    def wait(self, server):
        for _ in range(600):
            for program, process in self.processes:
                if process.poll() is not None:
                    log = (self.folder / f"{program}.log").read_text()
                    raise AssertionError(f"{program} ended: {log[-1500:]}")
            try:
                if self.ask(server, "GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{server} is not ready")

    def ask(self, server, method, path, body=None, kind="application/json"):
        """Status and answer of one request."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        request = urllib.request.Request(
            server + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": kind},
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                text = answer.read().decode()
                return answer.status, json.loads(text) if text.startswith("{") else text
        except urllib.error.HTTPError as answer:
            text = answer.read().decode()
            return answer.code, json.loads(text) if text.startswith("{") else text

    def namespace(self, name):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        self.ask(self.core, "POST", "/api/v1/namespaces", body)

    def stop(self):
        for _, process in reversed(self.processes):
            process.terminate()
        for _, process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
