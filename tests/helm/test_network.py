"""NetworkPolicies allow the arrows of the design and nothing else."""

import re
import unittest

import rig
from variants import ALL, DEFAULT, FULL

# Who calls whom, as the design has it; `front` is the ingress controller.
ARROWS = {
    ("front", "gateway"),
    ("gateway", "identity"),
    ("gateway", "configuration"),
    ("gateway", "cases"),
    ("gateway", "incidents"),
    ("gateway", "tracing"),
    ("gateway", "reporting"),
    ("gateway", "keyring"),
    ("identity", "configuration"),
    ("identity", "reporting"),
    ("configuration", "identity"),
    ("cases", "identity"),
    ("cases", "configuration"),
    ("incidents", "identity"),
    ("incidents", "configuration"),
    ("incidents", "cases"),
    ("tracing", "identity"),
    ("tracing", "configuration"),
    ("tracing", "cases"),
    ("reporting", "configuration"),
    ("reporting", "identity"),
    ("identity", "keyring"),
    ("configuration", "keyring"),
    ("cases", "keyring"),
    ("incidents", "keyring"),
    ("tracing", "keyring"),
    ("reporting", "keyring"),
    # Facts go through NATS, histories lie in Postgres; the gateway keeps nothing, the keyring
    # tells nobody.
    ("gateway", "nats"),
    ("identity", "nats"),
    ("configuration", "nats"),
    ("cases", "nats"),
    ("incidents", "nats"),
    ("tracing", "nats"),
    ("reporting", "nats"),
    ("keyring", "postgres"),
    ("identity", "postgres"),
    ("configuration", "postgres"),
    ("cases", "postgres"),
    ("incidents", "postgres"),
    ("tracing", "postgres"),
    ("reporting", "postgres"),
    ("migrate", "postgres"),
}
COMMANDS = {("commands", to) for to in ["keyring", "identity", "configuration", "postgres", "nats"]}
OPERATOR = {("operator", "identity"), ("operator", "configuration")}
# Of all who keep something of a tenant, where it exports.
EXPORTS = {("operator", to) for to in ["cases", "incidents", "tracing", "reporting"]}
SERVICES = set(rig.services_of_the_program())


def setUpModule():
    rig.render_all(ALL)


def component(selector):
    """The component that a selector of pods names; None when it names none."""
    labels = selector.get("matchLabels", {})
    if "cnpg.io/cluster" in labels:
        return "postgres"
    return labels.get("app.kubernetes.io/component")


def policies(variant):
    """Policies by the component whose pods they are about; the one for all under None."""
    return {component(one["spec"]["podSelector"]): one for one in variant.of("NetworkPolicy")}


def ports(rule):
    return {port["port"] for port in rule["ports"]}


def service_ports(variant):
    """The port that each component answers calls on."""
    found = {"postgres": 5432, "nats": 4222}
    for one in variant.of("Deployment"):
        name = one["metadata"]["labels"]["app.kubernetes.io/component"]
        named = one["spec"]["template"]["spec"]["containers"][0]["ports"]
        # The operator of tenants is called by nobody.
        found[name] = next((port["containerPort"] for port in named if port["name"] != "admin"), None)
    return found


def arrows(variant):
    """Connections that are let out on one side and, within the release, in on the other."""
    by = policies(variant)
    answering = service_ports(variant)
    out, into = set(), set()
    for name, policy in by.items():
        for rule in policy["spec"].get("egress", []):
            for peer in rule["to"]:
                for other in destinations(peer, rule):
                    if ports(rule) == {answering.get(other)}:
                        out.add((name, other))
        for rule in policy["spec"].get("ingress", []):
            if ports(rule) == {answering.get(name)}:
                for peer in rule["from"]:
                    inside = component(peer.get("podSelector", {}))
                    into.add((inside or "front", name))
    outside = {pair for pair in out if pair[1] not in by}
    return (out & into) | outside | {pair for pair in into if pair[0] == "front"}, out, into


def destinations(peer, rule):
    inside = component(peer.get("podSelector", {}))
    if inside:
        return [inside]
    return {5432: ["postgres"], 4222: ["nats"]}.get(rule["ports"][0]["port"], [])


class Arrows(unittest.TestCase):
    def test_are_those_of_the_design(self):
        for variant in ALL:
            if variant.name in ("no-policies", "everything", "by-hand", "tenants"):
                continue
            with self.subTest(variant):
                both, _, _ = arrows(variant)
                self.assertEqual(both - {("nats", "nats")}, ARROWS)

    def test_commands_have_theirs_when_they_are_there(self):
        both, _, _ = arrows(FULL)
        own = {("nats", "nats"), ("postgres", "postgres"), ("front", "postgres")}
        self.assertEqual(both - own, ARROWS | COMMANDS | OPERATOR | EXPORTS)

    def test_the_operator_reaches_whom_it_calls_and_the_api_server(self):
        variant = next(one for one in ALL if one.name == "tenants")
        both, _, _ = arrows(variant)
        self.assertEqual(both - {("nats", "nats")}, ARROWS | OPERATOR)
        text = sources(rig.SERVICES / "operator" / "src")
        calls = set(re.findall(r"peers\s*\.(\w+)\(\)", text)) & SERVICES
        self.assertEqual({("operator", to) for to in calls}, OPERATOR)
        policy = policies(variant)["operator"]["spec"]
        (api,) = [rule for rule in policy["egress"] if ports(rule) == {6443}]
        self.assertEqual(api["to"], [{"ipBlock": {"cidr": "10.1.0.1/32"}}])

    def test_what_goes_out_comes_in(self):
        for variant in ALL:
            if variant.name == "no-policies":
                continue
            _, out, into = arrows(variant)
            there = set(policies(variant))
            inner = {pair for pair in out if pair[1] in there}
            self.assertEqual(inner, {pair for pair in into if pair[0] != "front"} & inner, variant)
            between = {pair for pair in into if pair[0] in SERVICES and pair[1] in SERVICES}
            self.assertEqual(between - inner, set(), variant)

    def test_are_those_that_the_program_needs(self):
        both, _, _ = arrows(DEFAULT)
        for caller in rig.services_of_the_program():
            with self.subTest(caller):
                chart = {to for who, to in both if who == caller}
                self.assertEqual(chart, needs(caller))


class Nothing(unittest.TestCase):
    """No path is open but those."""

    def test_all_pods_are_closed_first(self):
        for variant in ALL:
            if variant.name == "no-policies":
                self.assertEqual(variant.of("NetworkPolicy"), [])
                continue
            closed = policies(variant)[None]["spec"]
            self.assertEqual(set(closed["policyTypes"]), {"Ingress", "Egress"})
            self.assertNotIn("ingress", closed)
            self.assertNotIn("egress", closed)
            selector = closed["podSelector"]["matchLabels"].items()
            for workload, pod in variant.pods():
                self.assertLessEqual(selector, pod["metadata"]["labels"].items(), rig.title(workload))

    def test_every_component_has_a_policy_of_its_own(self):
        for variant in ALL:
            if variant.name == "no-policies":
                continue
            for workload, pod in variant.pods():
                name = pod["metadata"]["labels"]["app.kubernetes.io/component"]
                self.assertIn(name, policies(variant), f"{variant} {rig.title(workload)}")

    def test_no_rule_is_open(self):
        for variant in ALL:
            for one in variant.of("NetworkPolicy"):
                rules = [(rule, "from") for rule in one["spec"].get("ingress", [])]
                rules += [(rule, "to") for rule in one["spec"].get("egress", [])]
                for rule, side in rules:
                    with self.subTest(f"{variant} {rig.title(one)}"):
                        self.assertTrue(rule[side], "no peer means everybody")
                        self.assertTrue(rule["ports"], "no port means every port")
                        for peer in rule[side]:
                            self.assertTrue(closed(peer), peer)

    def test_metrics_are_for_those_who_watch(self):
        for one in DEFAULT.of("NetworkPolicy"):
            for rule in one["spec"].get("ingress", []):
                if 7190 in ports(rule):
                    (peer,) = rule["from"]
                    labels = peer["namespaceSelector"]["matchLabels"]
                    self.assertEqual(labels, {"kubernetes.io/metadata.name": "monitoring"})

    def test_names_are_resolved_at_the_resolver_only(self):
        for one in DEFAULT.of("NetworkPolicy"):
            for rule in one["spec"].get("egress", []):
                if 53 in ports(rule):
                    self.assertEqual(ports(rule), {53})
                    (peer,) = rule["to"]
                    self.assertEqual(set(peer), {"namespaceSelector", "podSelector"})


def closed(peer):
    """Whether a peer names somebody."""
    if "ipBlock" in peer:
        return not peer["ipBlock"]["cidr"].endswith("/0")
    return bool(peer) and all(
        selector.get("matchLabels") or selector.get("matchExpressions") for selector in peer.values()
    )


# === what the sources say ===


def needs(service):
    """Whom a service reaches, by its sources and those of the kit that it is built on."""
    folder = rig.SERVICES / service
    text = sources(folder / "src")
    built_on = (folder / "Cargo.toml").read_text()
    if "kit-cabinet" in built_on:
        text += sources(rig.SERVICES / "kit" / "cabinet" / "src")
    if re.search(r"kit_shell::(store|RemoteKeys)", text):
        text += sources(rig.SERVICES / "kit" / "shell" / "src" / "keys.rs")
    found = set(re.findall(r"peers\s*\.(\w+)\(\)", text)) & SERVICES
    found |= {name.lower() for name in re.findall(r"peers\s*\.records\(Service::(\w+)\)", text)}
    if re.search(r"Access::new\([^)]*\)[^;]*?\.(principal|either|enrolling)\(", text):
        # The guard asks identity for the keys that principals are signed with.
        found.add("identity")
    if service == "gateway":
        found |= {name.lower() for name in re.findall(r"Service::([A-Z]\w+)", text)} & SERVICES
    if re.search(r"kit_shell::bus|Bus::connect", text):
        found.add("nats")
    if "MIGRATIONS" in text:
        found.add("postgres")
    return found - {service}


def sources(path):
    files = [path] if path.is_file() else rig.rust_files(path)
    return "".join(rig.source(file) for file in files)
