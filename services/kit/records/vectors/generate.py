#!/usr/bin/env python3
"""Writes the test vectors. States the rules on its own, plainly; see README.md."""
import copy
import itertools
import json
import pathlib
from datetime import datetime, timezone
from fractions import Fraction

HERE = pathlib.Path(__file__).parent
DAY, NOON = "2026-03-15", "2026-03-15T12:00:00.000Z"


# ------------------------------------------------------------------ expressions
def moment(text):
    for shape in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=timezone.utc)
        except (ValueError, TypeError):
            pass
    return None


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(have, want):
    blank = (None, False)
    if have is None or want is None:
        return any(have is one for one in blank) and any(want is one for one in blank)
    if isinstance(have, list) or isinstance(want, list):
        return isinstance(have, list) and isinstance(want, list) and sorted(map(str, have)) == sorted(map(str, want))
    if isinstance(have, bool) or isinstance(want, bool):
        return have is want
    if is_number(have) and is_number(want):
        return have == want
    if isinstance(have, str) and isinstance(want, str):
        return have == want or (moment(have) is not None and moment(have) == moment(want))
    return False


def ordered(operator, have, want):
    if is_number(have) and is_number(want):
        pass
    elif isinstance(have, str) and isinstance(want, str) and moment(have) and moment(want):
        have, want = moment(have), moment(want)
    else:
        return False
    return {"gt": have > want, "ge": have >= want, "lt": have < want, "le": have <= want}[operator]


def listed(have, options):
    if have is None:
        return False
    if isinstance(have, list):
        return all(any(same(one, option) for one in have) for option in options)
    return any(same(have, option) for option in options)


HAVE = {
    "missing": "missing", "null": None, "true": True, "false": False, "zero": 0, "five": 5, "five_real": 5.0,
    "text": "open", "day": DAY, "noon": NOON, "list": ["a", "b"], "list_turned": ["b", "a"], "list_longer": ["a", "b", "c"],
    "empty_list": [], "digits": "5",
}
WANT_EQ = {"true": True, "false": False, "five": 5, "text": "open", "day": DAY, "midnight": DAY + "T00:00:00.000Z",
           "list": ["a", "b"], "null": None}


def expressions():
    values, shown = [], []

    def value(name, expression, data, result):
        values.append({"name": name, "expression": expression, "data": data, "value": result})

    for (have_name, have), (want_name, want) in itertools.product(HAVE.items(), WANT_EQ.items()):
        data = {} if have == "missing" else {"f": have}
        present = None if have == "missing" else have
        value(f"{have_name} eq {want_name}", {"eq": {"f": want}}, data, same(present, want))
    for operator, have, want in itertools.product(["gt", "ge", "lt", "le"], [4, 5, 6, None, "5", "2026-03-14", DAY, NOON], [5, DAY]):
        value(f"{have} {operator} {want}", {operator: {"f": want}}, {"f": have}, ordered(operator, have, want))
    for options in (["a"], ["a", "b"], ["c"], [5], [False], []):
        for have_name in ("missing", "false", "five", "list", "list_longer", "empty_list"):
            have = HAVE[have_name]
            data = {} if have == "missing" else {"f": have}
            value(f"{have_name} in {options}", {"in": {"f": options}}, data, listed(data.get("f"), options))
    value("a in [a, b]", {"in": {"f": ["a", "b"]}}, {"f": "a"}, True)
    value("c in [a, b]", {"in": {"f": ["a", "b"]}}, {"f": "c"}, False)
    value("a bare pair means eq", {"f": "a"}, {"f": "a"}, True)
    value("two bare pairs must both hold", {"f": "a", "g": 1}, {"f": "a", "g": 2}, False)
    value("two fields of one comparison must both hold", {"ge": {"f": 1, "g": 1}}, {"f": 1, "g": 1}, True)
    for left, right in itertools.product([True, False], repeat=2):
        data = {"l": left, "r": right}
        pair = [{"eq": {"l": True}}, {"eq": {"r": True}}]
        value(f"{left} and {right}", {"and": pair}, data, left and right)
        value(f"{left} or {right}", {"or": pair}, data, left or right)
        value(f"neither {left} nor {right}", {"not": {"or": pair}}, data, not (left or right))
        value(f"not both {left} {right}", {"not": {"and": pair}}, data, not (left and right))
        value(f"{left} and not {right}", {"and": [pair[0], {"not": pair[1]}]}, data, left and not right)
    value("and of nothing holds", {"and": []}, {}, True)
    value("or of nothing fails", {"or": []}, {}, False)
    arithmetic(value)
    conditions(shown)
    return {"values": values, "shown": shown}


def plain(number):
    """A fraction as the number that JSON shows."""
    return int(number) if number.denominator == 1 else float(number)


def half_away(number, places):
    scaled = number * 10**places
    rounded = (abs(scaled) + Fraction(1, 2)).__floor__() * (1 if scaled >= 0 else -1)
    return Fraction(rounded, 10**places)


def arithmetic(value):
    samples = [[1, 2, 3], [0, 0, 0], [5, None, 2], [None, None, None], [-7, 2, 2], [1, 0, 0], [10, 10, 9], ["4", 3, True], [2147483647, 2147483647, 1]]
    for sample in samples:
        data = {name: one for name, one in zip("abc", sample) if one is not None}
        numbers = [Fraction(one) for one in sample if is_number(one)]
        value(f"sum of {sample}", {"sum": ["a", "b", "c"]}, data, plain(sum(numbers, Fraction(0))))
        average = sum(numbers, Fraction(0)) / len(numbers) if numbers else None
        value(f"average of {sample}", {"avg": ["a", "b", "c"]}, data, average if average is None else average.__floor__())
        for places in (0, 1, 2):
            tree = {"avg": {"data": ["a", "b", "c"], "extra": {"decimalPlaces": places}}}
            result = None if average is None else plain(half_away(average, places))
            value(f"average of {sample} to {places} places", tree, data, result)
    value("an average with its extra beside it", {"avg": ["a", "b"], "extra": {"decimalPlaces": 1}}, {"a": 1, "b": 2}, 1.5)
    value("a sum of a sum and a number", {"sum": [{"sum": ["a", "b"]}, 10]}, {"a": 1, "b": 2}, 13)
    value("an average of sums", {"avg": [{"sum": ["a", "b"]}, "c"]}, {"a": 1, "b": 2, "c": 4}, 3)
    value("compared with a sum", {"gt": {"a": {"sum": ["b", "c"]}}}, {"a": 4, "b": 1, "c": 2}, True)


def conditions(shown):
    def show(name, condition, data, result):
        shown.append({"name": name, "condition": condition, "data": data, "shown": result})

    show("no condition", None, {}, True)
    show("an empty condition", {}, {}, True)
    show("a switched-off condition", {"disabled": True, "eq": {"a": 1}}, {"a": 2}, True)
    show("a switched-on condition", {"disabled": False, "eq": {"a": 1}}, {"a": 2}, False)
    show("a condition that cannot be read", {"and": "x"}, {}, True)
    for age, sex in itertools.product([None, 9, 12, 18], ["female", "male"]):
        condition = {"and": [{"eq": {"sex": "female"}}, {"ge": {"age": 12}}, {"not": {"ge": {"age": 18}}}]}
        result = sex == "female" and age is not None and 12 <= age < 18
        show(f"a girl of 12 to 17: {sex} of {age}", condition, {"age": age, "sex": sex}, result)
    for concerns in ([], ["refugee"], ["separated", "refugee"], ["migrant"]):
        condition = {"or": [{"in": {"concerns": ["refugee"]}}, {"in": {"concerns": ["separated"]}}]}
        result = "refugee" in concerns or "separated" in concerns
        show(f"any of two concerns in {concerns}", condition, {"concerns": concerns}, result)


# ------------------------------------------------------------------ merge
ID = {"x": "00000000-0000-4000-8000-00000000000a", "y": "00000000-0000-4000-8000-00000000000b"}
OTHER = {"kept": "as it is"}


def case(name, versions, base, patch, result, conflicts=(), overruled=(), policies=None, knows_base=False):
    with_other = [dict(OTHER, **state) for state in versions]
    return {
        "name": name, "policies": policies or {}, "versions": with_other, "base": base, "knows_base": knows_base,
        "patch": patch, "result": dict(OTHER, **result),
        "conflicts": [dict(zip(("path", "stored", "sent", "version"), one)) for one in conflicts],
        "overruled": list(overruled),
    }


def scalars():
    """One field that says "a" at version 1, changed by others afterwards, and one value sent."""
    histories = {
        "untouched": ["a"], "changed": ["a", "b"], "cleared": ["a", None], "changed and changed back": ["a", "b", "a"],
        "changed twice": ["a", "b", "d"],
    }
    sents = {"the same as it was": "a", "what the other sent": "b", "something else": "c", "nothing": None}
    for (history, states), (said, sent), policy in itertools.product(histories.items(), sents.items(), [None, "ask", "latest", "first"]):
        versions = [{"f": state} for state in states]
        stored, last = states[-1], len(states)
        policies = {"f": policy} if policy else {}
        name = f"{history}, sent {said}, policy {policy or 'default'}"
        if said == "the same as it was":
            yield case(name + ", base known", versions, 1, {"f": sent}, {"f": stored}, policies=policies, knows_base=True)
        if stored == sent or last == 1:
            yield case(name, versions, 1, {"f": sent}, {"f": sent}, policies=policies)
        elif policy == "latest":
            yield case(name, versions, 1, {"f": sent}, {"f": sent}, overruled=["/f"], policies=policies)
        elif policy == "first":
            yield case(name, versions, 1, {"f": sent}, {"f": stored}, overruled=["/f"], policies=policies)
        else:
            yield case(name, versions, 1, {"f": sent}, {"f": stored}, [("/f", stored, sent, last)], policies=policies)
    for said, sent in sents.items():
        yield case(f"changed, sent {said} without a base", [{"f": "a"}, {"f": "b"}], None, {"f": sent}, {"f": sent})
        yield case(f"changed, sent {said} on the newest version", [{"f": "a"}, {"f": "b"}], 2, {"f": sent}, {"f": sent})
    yield case("another field was changed", [{"f": 1, "g": 1}, {"f": 1, "g": 2}], 1, {"f": 2}, {"f": 2, "g": 2})
    yield case("one of two fields is contested", [{"f": 1, "g": 1}, {"f": 2, "g": 1}], 1, {"f": 3, "g": 3}, {"f": 2, "g": 3}, [("/f", 2, 3, 2)])
    yield case("a field that nobody had", [{}], 1, {"n": 1}, {"n": 1})
    yield case("a field that both set first", [{}, {"n": 1}], 1, {"n": 2}, {"n": 1}, [("/n", 1, 2, 2)])
    yield case("tallies merge count by count", [{"t": {"boys": 1, "girls": 1}}, {"t": {"boys": 2, "girls": 1}}], 1,
               {"t": {"girls": 5}}, {"t": {"boys": 2, "girls": 5}})
    yield case("one count of a tally is contested", [{"t": {"boys": 1}}, {"t": {"boys": 2}}], 1, {"t": {"boys": 3}},
               {"t": {"boys": 2}}, [("/t/boys", 2, 3, 2)])


def lists():
    """Lists of choices are joined; removals count where the base is known."""
    base = ["p", "q"]
    for stored, sent, knows in itertools.product([["p", "q"], ["p", "q", "r"], ["p"], []], [["p", "q"], ["p", "q", "s"], ["q"], [], ["p", "q", "r"]], [False, True]):
        versions = [{"m": base}] + ([{"m": stored}] if stored != base else [])
        name = f"{base} became {stored}, sent {sent}" + (", base known" if knows else "")
        if stored == sent or stored == base:
            yield case(name, versions, 1, {"m": sent}, {"m": sent}, knows_base=knows)
            continue
        if knows and sent == base:
            yield case(name, versions, 1, {"m": sent}, {"m": stored}, knows_base=knows)
            continue
        known = base if knows else []
        joined = [one for one in stored if one in sent or one not in known]
        joined += [one for one in sent if one not in stored and one not in known]
        yield case(name, versions, 1, {"m": sent}, {"m": joined}, overruled=["/m"] if joined != sent else [], knows_base=knows)
    yield case("a list that asks", [{"m": ["p"]}, {"m": ["p", "q"]}], 1, {"m": ["p", "r"]}, {"m": ["p", "q"]},
               [("/m", ["p", "q"], ["p", "r"], 2)], policies={"m": "ask"})


def entries():
    """Entries of a subform, by field."""
    x, y = {"unique_id": ID["x"], "a": 1, "b": 1}, {"unique_id": ID["y"], "a": 2}
    at = lambda entry, field=None: f"/s/{ID[entry]}" + (f"/{field}" if field else "")
    sub = lambda *rows: {"s": [copy.deepcopy(row) for row in rows]}
    change = lambda row, **more: dict(row, **more)
    send = lambda entry, **more: {"s": [dict({"unique_id": ID[entry]}, **more)]}
    yield case("two fields of one entry", [sub(x), sub(change(x, a=5))], 1, send("x", b=7), sub(change(x, a=5, b=7)))
    yield case("the same field of one entry", [sub(x), sub(change(x, a=5))], 1, send("x", a=7), sub(change(x, a=5)), [(at("x", "a"), 5, 7, 2)])
    yield case("the same value of one entry", [sub(x), sub(change(x, a=5))], 1, send("x", a=5), sub(change(x, a=5)))
    yield case("two entries", [sub(x, y), sub(change(x, a=5), y)], 1, send("y", a=7), sub(change(x, a=5), change(y, a=7)))
    yield case("both add an entry", [sub(x), sub(x, y)], 1, {"s": [{"unique_id": "00000000-0000-4000-8000-0000000000ff", "a": 9}]},
               sub(x, y, {"unique_id": "00000000-0000-4000-8000-0000000000ff", "a": 9}))
    yield case("an entry is removed that nobody touched", [sub(x, y), sub(x, change(y, a=5))], 1, send("x", _destroy=True), sub(change(y, a=5)))
    yield case("both remove an entry", [sub(x, y), sub(y)], 1, send("x", _destroy=True), sub(y))
    yield case("an entry is removed that was changed", [sub(x), sub(change(x, a=5))], 1, send("x", _destroy=True), sub(change(x, a=5)),
               [(at("x"), change(x, a=5), None, 2)])
    yield case("an entry is changed that was removed", [sub(x, y), sub(y)], 1, send("x", a=5), sub(y),
               [(at("x"), None, {"unique_id": ID["x"], "a": 5}, 2)])
    yield case("an entry is changed that was removed, base known", [sub(x, y), sub(y)], 1, send("x", a=5), sub(y),
               [(at("x"), None, change(x, a=5), 2)], knows_base=True)
    for policy, changed, removed in (("latest", sub(y, change(x, a=5)), sub()), ("first", sub(y), sub(change(x, a=5)))):
        yield case(f"changed after removal, {policy}", [sub(x, y), sub(y)], 1, send("x", a=5), changed,
                   overruled=[at("x")], policies={"s": policy}, knows_base=True)
        yield case(f"removed after change, {policy}", [sub(x), sub(change(x, a=5))], 1, send("x", _destroy=True), removed,
                   overruled=[at("x")], policies={"s": policy})
    for sent, base in itertools.product([{"a": 5}, {"a": 1}, {"b": None}, {"_destroy": True}, {"c": "new"}], [None, 2]):
        stored = change(x, a=3)
        rows = sub() if "_destroy" in sent else sub(dict(stored, **sent))
        yield case(f"an entry, sent {sent} " + ("without a base" if base is None else "on the newest version"), [sub(x), sub(stored)], base, send("x", **sent), rows)
    yield case("an empty list changes nothing", [sub(x), sub(change(x, a=5))], 1, {"s": []}, sub(change(x, a=5)))
    yield case("an unknown entry is removed", [sub(x)], 1, send("y", _destroy=True), sub(x))
    yield case("a subform that nobody had", [{}], 1, sub(x), sub(x))
    yield case("a subform that both began", [{}, sub(x)], 1, sub(y), sub(x, y))
    inner = {"unique_id": ID["y"], "k": 1, "l": 1}
    outer = lambda row: sub(dict(x, n=[row]))
    yield case("an entry within an entry", [outer(inner), outer(change(inner, k=2))], 1,
               {"s": [{"unique_id": ID["x"], "n": [{"unique_id": ID["y"], "l": 3}]}]}, outer(change(inner, k=2, l=3)))
    yield case("a contested entry within an entry", [outer(inner), outer(change(inner, k=2))], 1,
               {"s": [{"unique_id": ID["x"], "n": [{"unique_id": ID["y"], "k": 3}]}]}, outer(change(inner, k=2)),
               [(f"/s/{ID['x']}/n/{ID['y']}/k", 2, 3, 2)])


def write(name, content, count):
    (HERE / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    print(f"{name}: {count} cases")


if __name__ == "__main__":
    trees = expressions()
    write("expressions.json", trees, len(trees["values"]) + len(trees["shown"]))
    merges = [*scalars(), *lists(), *entries()]
    write("merge.json", merges, len(merges))
