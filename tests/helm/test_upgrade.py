"""An upgrade changes nothing that Kubernetes does not let change."""

import copy
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

import kube
import rig
from variants import DEFAULT, FULL

KEPT = rig.GOLDEN / "immutable.json"
ARGO = rig.Variant("argo-upgrade", {"migrate": {"kind": "job"}})


def immutable(one):
    """The fields of an object that cannot be changed once it is there."""
    spec = one.get("spec", {})
    match one["kind"]:
        case "Deployment":
            return {"selector": spec["selector"]}
        case "StatefulSet":
            keys = ["selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"]
            return {key: spec[key] for key in keys}
        case "Job":
            return {"selector": spec.get("selector"), "template": spec["template"]}
        case "PersistentVolumeClaim":
            return {key: spec.get(key) for key in ["accessModes", "storageClassName"]}
        case "Service":
            return {"clusterIP": spec.get("clusterIP"), "type": spec.get("type", "ClusterIP")}
        case "Database" | "Cluster":
            keys = ["cluster", "name", "owner"]
            return {key: spec[key] for key in keys if key in spec}
        case "Deny":
            return {}
    return {}


def is_hook(one):
    return "helm.sh/hook" in one["metadata"].get("annotations", {})


def fields(objects):
    """What must stay, by object; hooks are removed and made anew."""
    return {rig.title(one): immutable(one) for one in objects if not is_hook(one)}


def broken(before, now):
    """What an upgrade from one to the other would be refused for, or leave behind."""
    problems = []
    for name, there in before.items():
        # A plain Job is made anew under another name, since its template cannot change.
        if name not in now:
            if not name.startswith("Job "):
                problems.append(f"{name} is gone or has another name")
        elif now[name] != there:
            changed = [key for key in there if now[name].get(key) != there[key]]
            problems.append(f"{name}: {', '.join(changed)} cannot be changed")
    return problems


class Upgrade(unittest.TestCase):
    def test_keeps_what_cannot_change(self):
        now = {str(variant): fields(variant.objects) for variant in [DEFAULT, FULL]}
        if rig.ACCEPT_IMMUTABLE or not KEPT.exists():
            KEPT.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
        before = json.loads(KEPT.read_text())
        for variant, there in before.items():
            with self.subTest(variant):
                message = "if it has to be: UPGRADING.md and tests/helm/run --accept-immutable"
                self.assertEqual(broken(there, now[variant]), [], message)

    def test_would_be_noticed(self):
        before = fields(FULL.objects)
        changes = {
            "Deployment amparo-cases": lambda one: one["spec"]["selector"]["matchLabels"].update(a="b"),
            "StatefulSet amparo-nats": lambda one: one["spec"].update(serviceName="other"),
            "PersistentVolumeClaim amparo-keyring-journal": lambda one: one["spec"].update(
                accessModes=["ReadWriteOnce"]
            ),
            "Service amparo-nats-peers": lambda one: one["spec"].pop("clusterIP"),
            "Deployment amparo-gateway": lambda one: one["metadata"].update(name="gateway"),
        }
        for name, change in changes.items():
            with self.subTest(name):
                objects = copy.deepcopy(FULL.objects)
                change(next(one for one in objects if rig.title(one) == name))
                self.assertEqual(len(broken(before, fields(objects))), 1)

    def test_a_new_version_changes_no_field_that_stays(self):
        for variant, values in [(FULL, FULL.values), (ARGO, ARGO.values)]:
            image = {**values.get("image", {}), "digest": "", "tag": "9.9.9"}
            newer = rig.Variant(f"{variant}-newer", {**values, "image": image})
            self.assertEqual(broken(fields(variant.objects), fields(newer.objects)), [])

    def test_sizes_can_be_changed_later(self):
        """From small to large without losing a volume; the journal's claim is the exception."""
        small, large = (rig.Variant(f"to-{size}", files=[f"values-{size}.yaml"]) for size in ("small", "large"))
        problems = broken(fields(small.objects), fields(large.objects))
        self.assertEqual(problems, ["PersistentVolumeClaim amparo-keyring-journal: accessModes cannot be changed"])

    def test_a_plain_migration_is_never_changed_in_place(self):
        """Whatever goes into its pod goes into its name."""
        names = {}
        for number, values in enumerate(
            [
                {},
                {"image": {"tag": "2.0.0"}},
                {"migrate": {"resources": {"requests": {"cpu": "200m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "128Mi"}}}},
                {"postgres": {"owner": {"existingSecret": "other"}}},
                {"defaults": {"nodeSelector": {"disk": "fast"}}},
                {"commonLabels": {"team": "protection"}},
                {"podSecurityContext": {"runAsUser": 70000}},
            ]
        ):
            given = {**values, "migrate": {"kind": "job", **values.get("migrate", {})}}
            (job,) = rig.Variant(f"job-{number}", given).of("Job")
            template = json.dumps(job["spec"]["template"], sort_keys=True)
            names.setdefault(job["metadata"]["name"], set()).add(template)
        for name, templates in names.items():
            self.assertEqual(len(templates), 1, f"{name} would have to change")


@unittest.skipUnless(kube.at_hand(), "KUBE_TESTENV names no folder with API servers")
class WithServers(unittest.TestCase):
    """A release lives on a real API server: installed, upgraded, rolled back, removed.

    The server is older than what the chart is for and runs nothing, so that the chart is lent to
    it without what it does not know, and nobody waits for pods.
    """

    VALUES = {
        # Another server than this one knows definitions.
        "crds": {"enabled": False},
        "migrate": {"kind": "job"},
        "defaults": {"podDisruptionBudget": {"enabled": False}},
        "nats": {"bundled": {"enabled": True}},
        "gateway": {"hosts": ["*.example.org"], "ingress": {"enabled": True}},
    }

    @classmethod
    def setUpClass(cls):
        cls.servers = kube.servers()
        cls.servers.namespace("life")
        folder = tempfile.mkdtemp(prefix="amparo-chart-")
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.chart = Path(folder) / "amparo"
        shutil.copytree(rig.CHART, cls.chart)
        for path, now in {
            "Chart.yaml": ('kubeVersion: ">=1.30.0-0"', 'kubeVersion: ">=1.20.0-0"'),
            "templates/_pod.tpl": ("  matchLabelKeys: [pod-template-hash]\n", ""),
            "templates/_deployment.tpl": (
                "sleep: {seconds: {{ $values.drain.preStopSeconds }}}",
                "exec: {command: [/bin/true]}",
            ),
            "templates/nats.yaml": ("policy/v1\n", "policy/v1beta1\n"),
        }.items():
            text = (cls.chart / path).read_text()
            assert now[0] in text, path
            (cls.chart / path).write_text(text.replace(*now))

    def helm(self, *arguments):
        outcome = rig.helm(*arguments, "-n", "life", KUBECONFIG=str(self.servers.config))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return outcome.stdout

    def install(self, *more, **values):
        path = self.chart.parent / "values.yaml"
        path.write_text(yaml.safe_dump({**self.VALUES, **values}))
        given = ["-f", str(path), "--server-side=false", *more]
        return self.helm("upgrade", "--install", "amparo", str(self.chart), *given)

    def there(self, kind):
        group = {"deployments": "apis/apps/v1", "jobs": "apis/batch/v1", "networkpolicies": "apis/networking.k8s.io/v1"}
        path = f"/{group.get(kind, 'api/v1')}/namespaces/life/{kind}"
        _, found = self.servers.ask(self.servers.core, "GET", path)
        return {one["metadata"]["name"]: one for one in found["items"]}

    def image(self, name):
        return self.there("deployments")[name]["spec"]["template"]["spec"]["containers"][0]["image"]

    def test_a_release_lives(self):
        self.install()
        self.assertEqual(len(self.there("deployments")), len(rig.services_of_the_program()))
        (first,) = self.there("jobs")
        policies = set(self.there("networkpolicies"))
        self.assertIn("amparo-deny", policies)

        # Another version, another size, more of everything: nothing that is there is refused.
        large = yaml.safe_load((rig.CHART / "values-large.yaml").read_text())
        large["services"].pop("keyring")
        services = {"services": {**large["services"], "cases": {"replicas": 4}}}
        self.install(image={"tag": "2.0.0"}, commands={"enabled": False}, **services)
        self.assertEqual(self.image("amparo-cases"), "amparo:2.0.0")
        (second,) = self.there("jobs")
        self.assertNotEqual(first, second, "the migration of another image is another Job")

        self.helm("rollback", "amparo", "1", "--server-side=false")
        self.assertEqual(self.image("amparo-cases"), "amparo:0.1.0")
        self.assertEqual(set(self.there("networkpolicies")), policies)

        self.helm("uninstall", "amparo")
        self.assertEqual(self.there("deployments"), {})
        self.assertIn("amparo-keyring-journal", self.there("persistentvolumeclaims"))
