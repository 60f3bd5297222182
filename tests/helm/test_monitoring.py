"""Alerts and dashboards ask for metrics that the program exports, with labels that it gives."""

import json
import re
import unittest

import promql_parser
import yaml

import rig
from variants import FULL

# What Prometheus itself adds to a target.
BY_PROMETHEUS = {"namespace", "pod", "job", "instance", "container", "endpoint", "le"}
RUNBOOKS = rig.CHART / "RUNBOOKS.md"


def alerts():
    (rule,) = FULL.of("PrometheusRule")
    return rule["spec"]["groups"][0]["rules"]


def panels():
    for path in sorted((rig.CHART / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{path.stem}: {panel['title']}", target["expr"]


def queries():
    yield from ((alert["alert"], alert["expr"]) for alert in alerts())
    yield from panels()
    for one in FULL.of("ScaledObject"):
        for trigger in one["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                yield rig.title(one), trigger["metadata"]["query"]


def plain(query):
    """The query with what Grafana fills in."""
    return query.replace("$__rate_interval", "5m").replace("$namespace", "protection")


def names_in(query):
    """Metrics that a query asks for, and the labels that it selects or groups by."""
    selectors = re.findall(r"\b(amparo_\w+|up)\b(?:\{([^}]*)\})?", query)
    grouped = {
        label.strip()
        for labels in re.findall(r"\bby\s*\(([^)]*)\)", query)
        for label in labels.split(",")
    }
    for name, inner in selectors:
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inner)), grouped


class Queries(unittest.TestCase):
    def test_can_be_read(self):
        for name, query in queries():
            with self.subTest(name):
                promql_parser.parse(plain(query))

    def test_ask_for_what_the_program_exports(self):
        metrics = rig.metrics_of_the_program()
        self.assertGreater(len(metrics), 20)
        for where, query in queries():
            for name, selected, grouped in names_in(query):
                with self.subTest(f"{where}: {name}"):
                    if name == "up":
                        continue
                    base = re.sub(r"_(bucket|sum|count)$", "", name)
                    known = base if base in metrics else name
                    self.assertIn(known, metrics)
                    kind, labels = metrics[known]
                    self.assertEqual(known != name, kind == "histogram", "histograms have buckets")
                    self.assertLessEqual(selected - BY_PROMETHEUS, labels)
                    self.assertLessEqual(grouped - BY_PROMETHEUS, labels)

    def test_counters_are_asked_for_their_growth(self):
        for where, query in queries():
            for counter in re.findall(r"amparo_\w+_(?:total|bucket)\b", query):
                with self.subTest(f"{where}: {counter}"):
                    pattern = rf"(rate|increase)\({counter}(\{{[^}}]*\}})?\["
                    self.assertRegex(query, pattern)

    def test_everything_that_is_exported_is_shown(self):
        shown = {name for _, query in queries() for name, _, _ in names_in(query)}
        shown |= {re.sub(r"_bucket$", "", name) for name in shown}
        self.assertEqual(set(rig.metrics_of_the_program()) - shown, set())

    def test_stay_within_the_namespace(self):
        for where, query in queries():
            for name, selected, _ in names_in(query):
                self.assertIn("namespace", selected, f"{where}: {name}")


class Alerts(unittest.TestCase):
    def test_each_has_a_runbook(self):
        sections = set(re.findall(r"^## (\w+)$", RUNBOOKS.read_text(), re.M))
        data = yaml.safe_load((rig.CHART / "alerts.yaml").read_text())
        self.assertEqual({alert["alert"] for alert in data}, sections)
        for alert in alerts():
            self.assertIn(alert["labels"]["severity"], ("warning", "critical"))
            self.assertTrue(alert["annotations"]["runbook_url"].endswith(f"#{alert['alert'].lower()}"))
            self.assertTrue(alert["annotations"]["summary"].endswith("."))

    def test_say_what_to_do_by_themselves(self):
        """The runbook goes along: its address may lead nowhere."""
        for alert in alerts():
            with self.subTest(alert["alert"]):
                text = alert["annotations"]["description"]
                self.assertIn(f"## {alert['alert']}\n\n{text}\n", RUNBOOKS.read_text())
                self.assertGreater(len(text), 60)
                # Prometheus would take it for a template.
                self.assertNotIn("{{", text)

    def test_one_service_that_is_gone_is_missed(self):
        """`absent` of several jobs is true only when every one of them is gone."""
        for alert in alerts():
            self.assertNotRegex(alert["expr"], r"absent\([^)]*=~")
            self.assertNotIn("%", alert["expr"])
        by = {alert["alert"]: alert["expr"] for alert in alerts()}
        jobs = re.search(r'job=~"([^"]+)"', by["AmparoServiceDown"]).group(1).split("|")
        self.assertTrue(by["AmparoServiceGone"].endswith(f"< {len(jobs)}"), by["AmparoServiceGone"])

    def test_can_be_left_out_and_moved(self):
        self.assertNotIn("AmparoGuessing", [alert["alert"] for alert in alerts()])
        values = {
            "monitoring": {
                "prometheusRule": {
                    "enabled": True,
                    "thresholds": {"relayLagSeconds": 7},
                    "severities": {"AmparoRelayBehind": "page"},
                    "waits": {"AmparoRelayBehind": "1h"},
                }
            }
        }
        (rule,) = rig.Variant("moved", values).of("PrometheusRule")
        by = {alert["alert"]: alert for alert in rule["spec"]["groups"][0]["rules"]}
        self.assertTrue(by["AmparoRelayBehind"]["expr"].endswith("> 7"))
        self.assertEqual(by["AmparoRelayBehind"]["labels"]["severity"], "page")
        self.assertEqual(by["AmparoRelayBehind"]["for"], "1h")

    def test_jobs_are_those_that_are_scraped(self):
        (monitor,) = FULL.of("ServiceMonitor")
        selector = monitor["spec"]["selector"]
        (expression,) = selector["matchExpressions"]
        scraped = [
            one["metadata"]["name"]
            for one in FULL.of("Service")
            if selector["matchLabels"].items() <= one["metadata"]["labels"].items()
            and one["metadata"]["labels"][expression["key"]] in expression["values"]
        ]
        (down,) = [alert for alert in alerts() if alert["alert"] == "AmparoServiceDown"]
        jobs = re.search(r'job=~"([^"]+)"', down["expr"]).group(1).split("|")
        self.assertEqual(sorted(jobs), sorted(scraped))
        for one in FULL.of("Service"):
            if one["metadata"]["name"] in scraped:
                names = [port["name"] for port in one["spec"]["ports"]]
                self.assertIn(monitor["spec"]["endpoints"][0]["port"], names)


class Dashboards(unittest.TestCase):
    def test_are_whole(self):
        paths = sorted((rig.CHART / "dashboards").glob("*.json"))
        self.assertEqual(len(paths), 4)
        maps = {one["metadata"]["name"]: one for one in FULL.of("ConfigMap")}
        for path in paths:
            board = json.loads(path.read_text())
            (text,) = maps[f"amparo-dashboard-{path.stem}"]["data"].values()
            self.assertEqual(json.loads(text), board)
            self.assertLessEqual(len(board["uid"]), 40)
            numbers = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(numbers), len(set(numbers)))
            taken = set()
            for panel in board["panels"]:
                at = panel["gridPos"]
                cells = {
                    (x, y)
                    for x in range(at["x"], at["x"] + at["w"])
                    for y in range(at["y"], at["y"] + at["h"])
                }
                self.assertLessEqual(at["x"] + at["w"], 24)
                self.assertFalse(cells & taken, panel["title"])
                taken |= cells
