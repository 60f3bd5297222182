"""What the chart sets is what the program reads, under the names that it reads."""

import json
import re
import unittest

import rig
from variants import ALL, FULL

DOCKERFILE = rig.ROOT / "deploy" / "Dockerfile"


def setUpModule():
    rig.render_all(ALL)


def snake(name):
    return re.sub(r"(?<!^)([A-Z]+)", r"_\1", name).upper()


def set_in(variant):
    """Variables by the component that gets them."""
    found = {}
    for workload, pod in variant.pods():
        name = workload["metadata"]["labels"]["app.kubernetes.io/component"]
        for container in pod["spec"]["containers"]:
            found.setdefault(name, {}).update(
                {item["name"]: item.get("value") for item in container.get("env", [])}
            )
    return found


class Settings(unittest.TestCase):
    def test_every_variable_is_one_that_the_program_reads(self):
        known = set(rig.settings_of_the_program())
        self.assertGreater(len(known), 40)
        for variant in ALL:
            for component, variables in set_in(variant).items():
                ours = {name for name in variables if name.startswith("AMPARO_")}
                self.assertLessEqual(ours, known, f"{variant} {component}")

    def test_everything_that_the_program_reads_can_be_set(self):
        hidden = {name for name, secret in rig.settings_of_the_program().items() if secret}
        # A secret's file is given in place of the secret.
        self.assertEqual([name for name in hidden if f"{name}_FILE" not in rig.settings_of_the_program()], [])
        image = set(re.findall(r"(AMPARO_\w+)=", DOCKERFILE.read_text()))
        # Some contradict each other: not all of them in one release.
        every = [variables for variant in ALL for variables in set_in(variant).values()]
        offered = {name for variables in every for name in variables} | image | hidden
        missing = set(rig.settings_of_the_program()) - offered
        self.assertEqual(missing, set(), "add them to values.yaml and values.schema.json")

    def test_keys_of_the_values_turn_into_names_of_the_program(self):
        known = set(rig.settings_of_the_program())
        schema = json.loads((rig.CHART / "values.schema.json").read_text())
        for key in schema["$defs"]["platform"]["properties"]:
            self.assertIn(f"AMPARO_{snake(key)}", known)
        for service, block in schema["properties"]["services"]["properties"].items():
            for key in block["properties"]["settings"]["properties"]:
                self.assertIn(f"AMPARO_{service.upper()}_{snake(key)}", known)

    def test_services_are_those_of_the_program(self):
        components = {one["metadata"]["labels"]["app.kubernetes.io/component"] for one in FULL.of("Deployment")}
        self.assertEqual(components - {"operator"}, set(rig.services_of_the_program()))

    def test_defaults_are_those_of_the_program(self):
        """Only what is meant differs: a value that is the same says the same on both sides."""
        meant = {"AMPARO_LOG_FORMAT", "AMPARO_GATEWAY_TRUST_FORWARDED", "AMPARO_GATEWAY_LISTEN"}
        defaults = defaults_of_the_program()
        for component, variables in set_in(ALL[0]).items():
            for name, value in variables.items():
                if name in defaults and name not in meant and not name.endswith("_URL"):
                    with self.subTest(f"{component} {name}"):
                        self.assertEqual(value, defaults[name])

    def test_a_service_can_be_told_otherwise(self):
        variables = set_in(FULL)
        self.assertEqual(variables["cases"]["AMPARO_POSTGRES_POOL"], "16")
        self.assertEqual(variables["identity"]["AMPARO_POSTGRES_POOL"], "8")
        self.assertEqual(variables["cases"]["AMPARO_LOG"], "info,cases=debug")

    def test_addresses_lead_to_services_of_the_release(self):
        for variant in ALL:
            services = {
                (one["metadata"]["name"], one["metadata"]["namespace"]): [
                    port["port"] for port in one["spec"]["ports"]
                ]
                for one in variant.of("Service")
            }
            for component, variables in set_in(variant).items():
                for name, value in variables.items():
                    if name.endswith("_URL"):
                        with self.subTest(f"{variant} {component} {name}"):
                            host, port = re.fullmatch(r"https?://(.*):(\d+)", value).groups()
                            service, namespace, _ = host.split(".")
                            self.assertIn(int(port), services[(service, namespace)])


def defaults_of_the_program():
    """What `default_value_t` and `default_value` say, where they are plain."""
    found = {}
    paths = [path for path in rig.rust_files(rig.SERVICES) if path.name == "settings.rs"]
    for path in paths:
        for attribute in re.findall(r"#\[arg\((.*?)\)\]", rig.source(path), re.S):
            name = re.search(r'env\s*=\s*"(AMPARO_[A-Z_]+)"', attribute)
            value = re.search(r'default_value(?:_t)?\s*=\s*"?([\w.: <]+)"?', attribute)
            if name and value:
                text = value.group(1).strip().replace("_", "")
                if "<<" in text:
                    base, shift = text.split("<<")
                    text = str(int(base) << int(shift))
                found[name.group(1)] = text
    return found
