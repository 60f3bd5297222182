"""The definition of Tenant, and what is rendered, against schemas and against real API servers."""

import copy
import json
import re
import time
import unittest

import jsonschema_rs
import yaml

import kube
import rig
import test_render
from variants import ALL, FULL

DEFINITION = yaml.safe_load((rig.CHART / "definitions" / "tenants.amparo.dev.yaml").read_text())
EXAMPLE = yaml.safe_load((rig.CHART / "examples" / "tenant.yaml").read_text())
VERSION = DEFINITION["spec"]["versions"][0]
SCHEMA = VERSION["schema"]["openAPIV3Schema"]


def changed(**spec):
    """The example with other values; None takes one away."""
    one = copy.deepcopy(EXAMPLE)
    for key, value in spec.items():
        if value is None:
            one["spec"].pop(key, None)
        else:
            one["spec"][key] = value
    return one


def named(name):
    one = copy.deepcopy(EXAMPLE)
    one["metadata"]["name"] = name
    return one


AGREED = {"policy": "Destroy", "withoutExport": True}
SNAPSHOT = {"configMapRef": {"name": "coast"}}
FINE = {
    "the example": EXAMPLE,
    "a snapshot": changed(configuration={"snapshot": SNAPSHOT}),
    "to be retained": changed(deletion={"policy": "Retain"}),
    "to be destroyed": changed(deletion=AGREED | {"confirm": "coast"}),
    "to be exported, then destroyed": changed(deletion={"policy": "ExportThenDestroy"}),
    "suspended": changed(suspended=True),
    "least": changed(locales=None, configuration=None, limits=None, cell=None),
    "a host alone": changed(hosts=["localhost"]),
    "a language of a place": changed(locales=["pt-BR", "zh-Hant"]),
}
# What is refused, and a word of the reason.
REFUSED = {
    "no host": (changed(hosts=[]), "hosts"),
    "a host twice": (changed(hosts=["a.example.org", "a.example.org"]), "hosts"),
    "an address": (changed(hosts=["https://a.example.org"]), "hosts"),
    "capitals": (changed(hosts=["A.example.org"]), "hosts"),
    "no name": (changed(displayName=""), "displayName"),
    "spaces around": (changed(displayName=" Coast "), "spaces"),
    "no administrator": (changed(administrator=None), "administrator"),
    "no password": (changed(administrator={}), "passwordSecretRef"),
    "a language twice": (changed(locales=["en", "en"]), "named twice"),
    "no language": (changed(locales=[]), "locales"),
    "what is no language": (changed(locales=["english!"]), "locales"),
    "bundle and snapshot": (changed(configuration={"bundle": "standard", "snapshot": SNAPSHOT}), "either"),
    "neither": (changed(configuration={"reapply": "2"}), "either"),
    "another bundle": (changed(configuration={"bundle": "deluxe"}), "deluxe"),
    "destroyed unconfirmed": (changed(deletion=AGREED), "deletion.confirm"),
    "destroyed, another's name": (
        changed(deletion=AGREED | {"confirm": "hills"}),
        "deletion.confirm",
    ),
    "destroyed without an export": (
        changed(deletion={"policy": "Destroy", "confirm": "coast"}),
        "withoutExport",
    ),
    "confirmed by another's name": (
        changed(deletion={"policy": "ExportThenDestroy", "confirm": "hills"}),
        "deletion.confirm",
    ),
    "no users": (changed(limits={"users": 0}), "users"),
    "no requests": (changed(limits={"requestsPerSecond": 0}), "requestsPerSecond"),
    "a name with dots": (named("coast.north"), "small letters"),
    "a name that begins with a digit": (named("1coast"), "small letters"),
    "a name that is too long": (named("c" * 41), "small letters"),
}


def properties(node, path=""):
    for key, below in node.get("properties", {}).items():
        yield f"{path}.{key}", below
        yield from properties(below, f"{path}.{key}")
    if "items" in node:
        yield from properties(node["items"], f"{path}[]")


class Definition(unittest.TestCase):
    def test_fits_the_schemas_of_kubernetes(self):
        for version in ["1.30.0", "1.35.0", "1.37.0"]:
            definitions = rig.schema(version)["$defs"]
            name = test_render.kinds_of(definitions)[("apiextensions.k8s.io/v1", "CustomResourceDefinition")]
            wanted = {"$defs": definitions, "$ref": f"#/$defs/{name}"}
            test_render.check(self, jsonschema_rs.validator_for(wanted), DEFINITION)

    def test_a_release_has_it_and_leaves_it_behind(self):
        (rendered,) = FULL.of("CustomResourceDefinition")
        self.assertEqual(rendered["spec"], DEFINITION["spec"])
        self.assertEqual(rendered["metadata"]["name"], DEFINITION["metadata"]["name"])
        self.assertEqual(rendered["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        self.assertNotIn("helm.sh/hook", rendered["metadata"]["annotations"])
        without = rig.Variant("no-definition", {**FULL.values, "crds": {"enabled": False}}, FULL.files)
        self.assertEqual(without.of("CustomResourceDefinition"), [])
        self.assertFalse((rig.CHART / "crds").exists(), "Helm upgrades nothing in there")

    def test_names_belong_together(self):
        spec = DEFINITION["spec"]
        self.assertEqual(DEFINITION["metadata"]["name"], f"{spec['names']['plural']}.{spec['group']}")
        self.assertEqual(EXAMPLE["apiVersion"], f"{spec['group']}/{VERSION['name']}")
        self.assertEqual(EXAMPLE["kind"], spec["names"]["kind"])

    def test_everything_is_described_and_bounded(self):
        """Rules are counted as costly as the longest value allows."""
        for path, node in properties(SCHEMA):
            if path in (".apiVersion", ".kind", ".metadata"):
                continue
            with self.subTest(path):
                self.assertRegex(node.get("description", ""), r"\.$")
                if node["type"] == "string" and "enum" not in node and "format" not in node:
                    self.assertIn("maxLength", node)
                if node["type"] == "array":
                    self.assertIn("maxItems", node)
                if node["type"] == "integer":
                    self.assertIn("minimum", node)

    def test_columns_show_what_is_there(self):
        there = {path for path, _ in properties(SCHEMA)} | {".metadata.creationTimestamp"}
        for column in VERSION["additionalPrinterColumns"]:
            path = re.sub(r"\[\?.*?\]", "[]", column["jsonPath"])
            self.assertIn(path, there, column["name"])

    def test_conditions_are_as_in_kubernetes(self):
        conditions = SCHEMA["properties"]["status"]["properties"]["conditions"]
        self.assertEqual(conditions["x-kubernetes-list-map-keys"], ["type"])
        wanted = {"type", "status", "reason", "message", "lastTransitionTime", "observedGeneration"}
        self.assertEqual(set(conditions["items"]["properties"]), wanted)

    def test_examples_fit_by_their_types(self):
        validator = jsonschema_rs.validator_for(SCHEMA)
        for name, one in FINE.items():
            with self.subTest(name):
                test_render.check(self, validator, one)


@unittest.skipUnless(kube.at_hand(), "KUBE_TESTENV names no folder with API servers")
class WithServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = kube.servers()
        status, answer = cls.servers.ask(
            cls.servers.own, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION
        )
        assert status == 201, answer
        for _ in range(100):
            if cls.servers.ask(cls.servers.own, "GET", cls.path())[0] == 200:
                break
            time.sleep(0.1)

    @staticmethod
    def path(name="", parameters=""):
        return f"/apis/amparo.dev/v1alpha1/namespaces/protection/tenants{name}{parameters}"

    def post(self, one, parameters="?dryRun=All"):
        return self.servers.ask(self.servers.own, "POST", self.path("", parameters), one)

    def test_what_is_fine_is_taken(self):
        for name, one in FINE.items():
            with self.subTest(name):
                status, answer = self.post(one)
                self.assertEqual(status, 201, answer)

    def test_what_is_not_is_refused_with_a_reason(self):
        for name, (one, word) in REFUSED.items():
            with self.subTest(name):
                status, answer = self.post(one)
                self.assertEqual(status, 422, answer)
                self.assertIn(word, answer["message"])

    def test_the_definition_is_accepted_whole(self):
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tenants.amparo.dev"
        _, there = self.servers.ask(self.servers.own, "GET", path)
        conditions = {one["type"]: one["status"] for one in there["status"]["conditions"]}
        self.assertEqual(conditions["Established"], "True")
        self.assertNotIn("NonStructuralSchema", conditions)

    def test_defaults_are_filled_in_and_unknown_fields_dropped(self):
        one = changed(locales=None, configuration=None, cell=None)
        one["spec"]["colour"] = "blue"
        one["spec"]["limits"]["storageGigabytes"] = 5
        _, there = self.post(one)
        self.assertEqual(there["spec"]["locales"], ["en"])
        self.assertEqual(there["spec"]["configuration"], {"bundle": "standard"})
        self.assertEqual(there["spec"]["cell"], "default")
        self.assertEqual(there["spec"]["suspended"], False)
        self.assertEqual(there["spec"]["deletion"], {"policy": "Retain"})
        self.assertEqual(there["spec"]["administrator"]["userName"], "admin")
        self.assertNotIn("colour", there["spec"])
        self.assertNotIn("storageGigabytes", there["spec"]["limits"])

    def test_a_life(self):
        """Made, changed where it may be, its status written apart, removed."""
        one = named("hills")
        self.assertEqual(self.post(one, "")[0], 201)
        own = self.servers.own

        def patch(change, below=""):
            path = self.path(f"/hills{below}")
            return self.servers.ask(own, "PATCH", path, change, "application/merge-patch+json")

        status, there = patch({"spec": {"displayName": "Hills", "suspended": True}})
        self.assertEqual((status, there["metadata"]["generation"]), (200, 2))
        status, answer = patch({"spec": {"cell": "eu-2"}})
        self.assertEqual(status, 422)
        self.assertIn("cannot be changed", answer["message"])
        status, answer = patch({"spec": {"administrator": {"userName": "other"}}})
        self.assertEqual(status, 422)
        ready = {
            "type": "Ready", "status": "True", "reason": "Opened", "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 2,
        }
        status, there = patch({"status": {"conditions": [ready], "observedGeneration": 2}}, "/status")
        self.assertEqual((status, there["metadata"]["generation"]), (200, 2), there)
        # A status that comes with the spec is not taken.
        _, there = patch({"status": {"observedGeneration": 9}})
        self.assertEqual(there["status"]["observedGeneration"], 2)
        status, answer = patch({"status": {"conditions": [{**ready, "status": "Perhaps"}]}}, "/status")
        self.assertEqual(status, 422)
        self.assertEqual(self.servers.ask(own, "DELETE", self.path("/hills"))[0], 200)

    def test_what_is_rendered_is_taken(self):
        """By a server that is older than what the chart is for: its kinds only."""
        paths = {
            "ConfigMap": "api/v1/namespaces/{}/configmaps",
            "PersistentVolumeClaim": "api/v1/namespaces/{}/persistentvolumeclaims",
            "Service": "api/v1/namespaces/{}/services",
            "ServiceAccount": "api/v1/namespaces/{}/serviceaccounts",
            "Deployment": "apis/apps/v1/namespaces/{}/deployments",
            "StatefulSet": "apis/apps/v1/namespaces/{}/statefulsets",
            "Job": "apis/batch/v1/namespaces/{}/jobs",
            "NetworkPolicy": "apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
            "Ingress": "apis/networking.k8s.io/v1/namespaces/{}/ingresses",
        }
        tried = set()
        for namespace in {variant.namespace for variant in ALL} | {"elsewhere"}:
            self.servers.namespace(namespace)
        sent_before = set()
        for variant in ALL:
            for one in variant.objects:
                text = json.dumps(one, sort_keys=True)
                if one["kind"] not in paths or text in sent_before:
                    continue
                sent_before.add(text)
                tried.add(one["kind"])
                namespace = one["metadata"].get("namespace", variant.namespace)
                path = f"/{paths[one['kind']].format(namespace)}?dryRun=All"
                with self.subTest(f"{variant} {rig.title(one)}"):
                    sent = for_an_older_server(one)
                    status, answer = self.servers.ask(self.servers.core, "POST", path, sent)
                    self.assertEqual(status, 201, answer)
        self.assertEqual(tried, set(paths))

    def test_what_kubernetes_refuses_is_refused(self):
        """So that the test above says something."""
        one = for_an_older_server(FULL.one("Deployment", "cases"))
        one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] = "other"
        path = "/apis/apps/v1/namespaces/protection/deployments?dryRun=All"
        self.servers.namespace("protection")
        self.assertEqual(self.servers.ask(self.servers.core, "POST", path, one)[0], 422)


def for_an_older_server(one):
    """Without what it does not know and would take for an empty handler."""
    one = copy.deepcopy(one)
    for container in one["spec"].get("template", {}).get("spec", {}).get("containers", []) if "spec" in one else []:
        if "sleep" in container.get("lifecycle", {}).get("preStop", {}):
            container["lifecycle"]["preStop"] = {"exec": {"command": ["/bin/true"]}}
    return one
