#!/usr/bin/env python3
"""Writes an evaluation set for matching: a registry of children, traces by their families, and apart
from both which is which. No real person: families are put together from lists of names and each
record is written by a writer of its own, who errs.

  generate.py --out DIR --cases 10000 --traces 3000 --seed 20260101 [--nonmatch 0.3] [--op ar --cc SY]

The same arguments give the same bytes; meta.json has their SHA-256. Output: registry.jsonl,
traces.jsonl, truth.csv. Needs the packages of requirements.txt.
"""

import argparse
import csv
import hashlib
import json
import math
import os
import random
import re
from collections import Counter, defaultdict
from datetime import date, timedelta

from programmes import CAUSES, LEVEL, OPS, REF, RELS
from sources import Pool, Sources, ar_key, is_ar, strip_acc
from spelling import AR_SIM, EQ, ES_NICK, RULES, R_AR_LAT, respell, typo


class Person:
    __slots__ = (
        "op",
        "cc",
        "trad",
        "sex",
        "given",
        "given2",
        "father",
        "mother",
        "gfather",
        "surname",
        "surname2",
        "birth",
        "place",
        "birthplace",
        "sepdate",
        "sepplace",
        "cause",
        "eth",
        "lang",
        "rel",
        "tel",
        "fam",
        "lat",
    )


class Gen:
    def __init__(self, S, seed):
        self.S = S
        self.rng = random.Random(seed)
        self.tel = 0

    # ---- latent people
    def atom(self, trad, kind):
        return (trad, kind, self.S.pool[(trad, kind)].pick(self.rng))

    def place(self, cc, admin=None):
        ps = self.S.places[cc]
        rng = self.rng
        if admin is not None:
            sub = [p for p in ps if p[0] == admin]
            if sub:
                ps = sub
        w = [math.sqrt(p[3] + 500) for p in ps]
        p = rng.choices(ps, w)[0]
        return (cc, p[0], p[1])

    def family(self):
        rng = self.rng
        f = {}
        f["op"] = rng.choices(list(OPS), [o["share"] for o in OPS.values()])[0]
        o = OPS[f["op"]]
        f["cc"] = rng.choice(o["cc"])
        f["trad"] = rng.choices([t for t, _ in o["trad"]], [w for _, w in o["trad"]])[0]
        t = f["trad"]
        f["father"] = [self.atom(t, "M"), self.atom(t, "M")]
        f["mother"] = [self.atom(t, "F"), self.atom(t, "M")]
        f["sur"] = self.atom(t, "S")
        f["msur"] = self.atom(t, "S")
        f["gfather"] = f["father"][1]
        f["home"] = self.place(f["cc"])
        f["sepdate"] = REF - timedelta(days=int(rng.expovariate(1 / 500)) + 20)
        f["sepplace"] = (
            f["home"]
            if rng.random() < 0.55
            else self.place(f["cc"], f["home"][1] if rng.random() < 0.6 else None)
        )
        f["cause"] = rng.choice(CAUSES)
        f["eth"] = f"{f['cc'].lower()}_eth{rng.choices(range(6),[30,20,10,6,3,1])[0]}"
        f["lang"] = rng.choices(o["lang"], [8] + [2] * (len(o["lang"]) - 1))[0]
        f["rel"] = "islam" if t == "ar" and rng.random() < 0.9 else rng.choice(o["rel"])
        self.tel += 1
        f["tel"] = f"+{200+rng.randrange(70)}{rng.randrange(10**8,10**9)}"
        f["used"] = set()
        return f

    def child(self, f):
        rng = self.rng
        p = Person()
        p.fam = f
        p.op, p.cc, p.trad = f["op"], f["cc"], f["trad"]
        p.sex = rng.choice(["male", "female"])
        k = "M" if p.sex == "male" else "F"
        for _ in range(20):
            p.given = self.atom(p.trad, k)
            if p.given[2] not in f["used"]:
                break
        f["used"].add(p.given[2])
        p.given2 = self.atom(p.trad, k) if p.trad in ("es", "fr", "en") and rng.random() < 0.45 else None
        age = min(17.9, max(0.1, rng.gammavariate(4.2, 2.4)))
        p.birth = REF - timedelta(days=int(age * 365.25))
        return p

    # ---- rendering
    def token(self, atom, L, script, vcc):
        """one name atom -> written form."""
        rng = self.rng
        trad, kind, base = atom
        if trad == "ar":
            if script == "ar":
                s = self.S.ar_orth.get(base, base)
                if rng.random() < L["var"] * 0.6:
                    s = (
                        ar_key(s)
                        if rng.random() < 0.6
                        else "".join(AR_SIM.get(c, c) if rng.random() < 0.15 else c for c in s)
                    )
                if rng.random() < L["join"] * 0.5:
                    s = s.replace("عبد ", "عبد")
            else:
                c = None
                if vcc:
                    cc = rng.choice(vcc)
                    c = self.S.ar_var_cc.get((base, cc))
                c = c or self.S.ar_var[base]
                if rng.random() < L["var"]:
                    s = rng.choices(list(c), [n**0.7 for n in c.values()])[0]
                else:
                    s = self.S.ar_var[base].most_common(1)[0][0]
                if rng.random() < L["rule"]:
                    s = respell(rng, s, R_AR_LAT, 0.5)
                if rng.random() < L["join"]:
                    s = re.sub(
                        r"^([AaEe]l)[ -]",
                        lambda m: rng.choice([m.group(1), m.group(1) + "-", m.group(1) + " ", ""]),
                        s,
                    )
                    s = s[:1].upper() + s[1:]
                    if rng.random() < 0.5:
                        s = s.replace("-", " ")
        else:
            s = base
            if rng.random() < L["rule"] * 0.8 and s in EQ:
                s = rng.choice(sorted(EQ[s]))
            if rng.random() < L["nick"]:
                n = ES_NICK.get(s) or self.S.nick.get(s.lower())
                if n:
                    s = rng.choice(n).capitalize()
            if rng.random() < L["var"] * 0.45 + L["rule"]:
                s = respell(rng, s, RULES[trad], 0.45)
            if rng.random() < L["var"] * 0.5:
                s = strip_acc(s)
        if rng.random() < L["typo"]:
            s = typo(rng, s)
        return s

    def full(self, atoms, L, script, vcc, keep_first=True):
        rng = self.rng
        a = list(atoms)
        if len(a) > 2 and rng.random() < L["drop"]:
            del a[rng.randrange(1, len(a))]
        if len(a) > 2 and rng.random() < L["drop"] * 0.5:
            del a[rng.randrange(1, len(a))]
        if len(a) == 2 and rng.random() < L["drop"] * 0.15:
            del a[1]
        toks = [self.token(x, L, script, vcc) for x in a]
        if len(toks) > 1 and rng.random() < L["swap"]:
            if rng.random() < 0.6:
                toks = toks[-1:] + toks[:-1]
            else:
                i = rng.randrange(len(toks) - 1)
                toks[i], toks[i + 1] = toks[i + 1], toks[i]
        s = " ".join(toks)
        return s.upper() if script == "la" and rng.random() < 0.08 else s

    def child_atoms(self, p):
        f = p.fam
        if p.trad == "ar":
            return [p.given, f["father"][0], f["gfather"], f["sur"]]
        if p.trad == "es":
            return [x for x in (p.given, p.given2, f["sur"], f["msur"]) if x]
        if p.trad == "sw":
            return [p.given, f["father"][0], f["sur"]]
        return [x for x in (p.given, p.given2, f["sur"]) if x]

    def parent_atoms(self, p, who):
        f = p.fam
        t = p.trad
        if who == "father":
            return (
                [f["father"][0], f["gfather"], f["sur"]] if t in ("ar", "sw") else [f["father"][0], f["sur"]]
            )
        return [f["mother"][0], f["mother"][1], f["msur"]] if t == "ar" else [f["mother"][0], f["msur"]]

    def loc(self, place, L):
        """exact, coarser admin level, wrong place, missing -> hierarchical code"""
        cc, a1, pid = place
        r = self.rng.random()
        e, c, w, m = L["loc"]
        if r < e:
            return f"{cc}.{a1}.{pid}"
        if r < e + c:
            return f"{cc}.{a1}" if self.rng.random() < 0.8 else cc
        if r < e + c + w:
            q = self.place(cc, a1 if self.rng.random() < 0.6 else None)
            return f"{q[0]}.{q[1]}.{q[2]}"
        return None

    def sep(self, d, L):
        r = self.rng.random()
        e, n, f, m = L["sep"]
        if r < e:
            return d.isoformat()
        if r < e + n:
            return min(REF, d + timedelta(days=self.rng.randint(-20, 20))).isoformat()
        if r < e + n + f:
            return min(REF, d + timedelta(days=self.rng.randint(-240, 240))).isoformat()
        return None

    def ages(self, p, L, at):
        rng = self.rng
        true = (at - p.birth).days / 365.25
        if rng.random() < L["dob"]:
            d = p.birth
            return max(0, int(true)), d.isoformat(), False
        if rng.random() < L["agemiss"]:
            return None, None, True
        a = max(0, int(round(true + rng.triangular(-L["age"], L["age"], 0))))
        # registrars often write 1 January of the estimated birth year
        dob = date(at.year - a, 1, 1).isoformat() if rng.random() < 0.25 else None
        return a, dob, True

    def sexr(self, p, L):
        r = self.rng.random()
        if r < L["sexmiss"]:
            return None
        if r < L["sexmiss"] + L["sexerr"]:
            return "female" if p.sex == "male" else "male"
        return p.sex

    def case(self, i, p):
        rng = self.rng
        L = LEVEL["reg"]
        o = OPS[p.op]
        f = p.fam
        script = "ar" if rng.random() < o["arab_script"] else "la"
        vcc = o["vcc"]
        at = min(REF, f["sepdate"] + timedelta(days=int(rng.expovariate(1 / 120)) + 3))
        age, dob, est = self.ages(p, L, at)
        fam = []
        for who in ("father", "mother"):
            if rng.random() < 0.88:
                fam.append(
                    {
                        "relation": who,
                        "relation_name": self.full(self.parent_atoms(p, who), L, script, vcc),
                        "relation_nationality": f["cc"].lower(),
                        "relation_language": f["lang"],
                        "relation_religion": f["rel"],
                        "relation_ethnicity": f["eth"],
                    }
                )
        for s in f.get("sibs", []):
            if s is not p and rng.random() < 0.5:
                fam.append(
                    {
                        "relation": "brother" if s.sex == "male" else "sister",
                        "relation_name": self.full(self.child_atoms(s)[:2], L, script, vcc),
                    }
                )
        nick = None
        if rng.random() < 0.12:
            nick = self.token(p.given, LEVEL["hard"], script, vcc)
        return {
            "id": f"C{i:07d}",
            "op": p.op,
            "name": self.full(self.child_atoms(p), L, script, vcc),
            "name_nickname": nick,
            "sex": self.sexr(p, L),
            "age": age,
            "date_of_birth": dob,
            "estimated": est,
            "registration_date": at.isoformat(),
            "nationality": f["cc"].lower(),
            "ethnicity": f["eth"],
            "religion": f["rel"],
            "language": f["lang"],
            "location_last": self.loc(f["home"], L),
            "location_separation": self.loc(f["sepplace"], L),
            "location_current": self.loc(self.place(p.cc, None), LEVEL["easy"]),
            "date_of_separation": self.sep(f["sepdate"], L),
            "separation_cause": f["cause"] if rng.random() < 0.8 else rng.choice(CAUSES),
            "telephone_last": f["tel"] if rng.random() < L["tel"] else None,
            "consent_for_tracing": True,
            "family_details": fam,
        }

    def trace(self, i, p, lvl, reg_script):
        rng = self.rng
        L = LEVEL[lvl]
        o = OPS[p.op]
        f = p.fam
        vcc = o["vcc"]
        script = reg_script
        if o["arab_script"] and p.trad == "ar" and rng.random() < L["xscript"]:
            script = "la" if reg_script == "ar" else "ar"
        # inquirers of a cross-border programme may be registered by an office of another language (French vs English spelling)
        if p.trad == "ar" and lvl == "hard" and rng.random() < 0.3:
            vcc = ["DZ", "MA", "TN", "MR"] if "SY" in vcc else ["SY", "IQ", "SA", "EG"]
        at = min(REF, f["sepdate"] + timedelta(days=int(rng.expovariate(1 / 200)) + 5))
        age, dob, est = self.ages(p, L, at)
        if age is not None and lvl == "hard" and rng.random() < 0.25:
            age = max(0, age - rng.choice([1, 1, 2]))  # age remembered at separation
        rel = rng.choices([r for r, _ in RELS], [w for _, w in RELS])[0]
        if rel in ("father", "mother"):
            iname = self.full(self.parent_atoms(p, rel), L, script, vcc)
        elif rel in ("brother", "sister"):
            g = self.atom(p.trad, "M" if rel == "brother" else "F")
            iname = self.full([g] + self.child_atoms(p)[1:], L, script, vcc)
        else:
            g = self.atom(p.trad, "F" if rel in ("aunt", "grandmother") else "M")
            side = f["sur"] if rng.random() < 0.5 else f["msur"]
            iname = self.full(
                [g, f["gfather"], side] if p.trad in ("ar", "sw") else [g, side], L, script, vcc
            )
        fat = (
            self.full(self.parent_atoms(p, "father"), L, script, vcc)
            if rel != "father" and rng.random() > L["par"]
            else None
        )
        mot = (
            self.full(self.parent_atoms(p, "mother"), L, script, vcc)
            if rel != "mother" and rng.random() > L["par"]
            else None
        )
        nick = None
        if rng.random() < 0.10:
            nick = self.token(p.given, LEVEL["hard"], script, vcc)
        return {
            "id": f"T{i:06d}",
            "op": p.op,
            "level": lvl,
            "name": self.full(self.child_atoms(p), L, script, vcc),
            "name_nickname": nick,
            "sex": self.sexr(p, L),
            "age": age,
            "date_of_birth": dob,
            "inquiry_date": at.isoformat(),
            "relation": rel,
            "relation_name": iname,
            "father_name": fat,
            "mother_name": mot,
            "relation_nationality": f["cc"].lower(),
            "relation_language": f["lang"] if rng.random() < 0.9 else None,
            "relation_religion": f["rel"] if rng.random() < 0.85 else None,
            "relation_ethnicity": f["eth"] if rng.random() < 0.8 else None,
            "location_last": self.loc(f["home"], L),
            "location_separation": self.loc(f["sepplace"], L),
            "date_of_separation": self.sep(f["sepdate"], L),
            "separation_cause": (
                f["cause"]
                if rng.random() < (0.85 if lvl == "easy" else 0.65 if lvl == "medium" else 0.4)
                else (rng.choice(CAUSES) if rng.random() < 0.6 else None)
            ),
            "telephone_last": f["tel"] if rng.random() < L["tel"] else None,
        }


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--out", required=True)
    ap.add_argument("--cases", type=int, default=10000)
    ap.add_argument("--traces", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=20260101)
    ap.add_argument("--nonmatch", type=float, default=0.3)
    ap.add_argument("--op", help="single naming context (ar fr es sw en)")
    ap.add_argument("--cc", help="single country, e.g. SY: every child in one programme (harder)")
    A = ap.parse_args()
    if A.op:
        for k in OPS:
            OPS[k]["share"] = 1.0 if k == A.op else 0.0
        if A.cc:
            OPS[A.op]["cc"] = [A.cc]
    os.makedirs(A.out, exist_ok=True)
    S = Sources(random.Random(A.seed ^ 0x5EED))
    G = Gen(S, A.seed)
    rng = G.rng
    people = []
    while len(people) < A.cases:
        f = G.family()
        n = rng.choices([1, 2, 3, 4], [0.72, 0.18, 0.07, 0.03])[
            0
        ]  # sibling groups: same parents, places, dates
        kids = [G.child(f) for _ in range(n)]
        f["sibs"] = kids
        people += kids
    people = people[: A.cases]
    rng.shuffle(people)
    reg = [G.case(i, p) for i, p in enumerate(people)]
    famids = defaultdict(list)
    for r, p in zip(reg, people):
        famids[id(p.fam)].append(r["id"])
    levels = ["easy", "medium", "hard"]
    traces, truth = [], []
    pick = rng.sample(range(len(people)), k=min(len(people), A.traces))
    for i in range(A.traces):
        lvl = levels[i % 3]
        if rng.random() < A.nonmatch:
            if rng.random() < 0.25:  # decoy: unregistered sibling of a registered child
                f = people[rng.randrange(len(people))].fam
                p = G.child(f)
                kind = "nonmatch_sibling"
            else:
                f = G.family()
                p = G.child(f)
                f["sibs"] = [p]
                kind = "nonmatch"
            scr = "ar" if OPS[p.op]["arab_script"] and rng.random() < OPS[p.op]["arab_script"] else "la"
            cid = ""
        else:
            j = pick[i]
            p = people[j]
            cid = reg[j]["id"]
            kind = "match"
            scr = "ar" if is_ar(reg[j]["name"]) else "la"
        traces.append(G.trace(i, p, lvl, scr))
        truth.append((traces[-1]["id"], cid, lvl, p.op, p.trad, kind, "|".join(famids.get(id(p.fam), []))))

    def dump(rows, base):
        with open(f"{A.out}/{base}.jsonl", "w") as h:
            for r in rows:
                h.write(json.dumps(r, ensure_ascii=False) + "\n")
        with open(f"{A.out}/{base}.csv", "w", newline="") as h:
            w = csv.DictWriter(h, list(rows[0]))
            w.writeheader()
            for r in rows:
                w.writerow(
                    {
                        k: (json.dumps(v, ensure_ascii=False) if isinstance(v, (list, dict)) else v)
                        for k, v in r.items()
                    }
                )

    dump(reg, "registry")
    dump(traces, "traces")
    with open(f"{A.out}/truth.csv", "w", newline="") as h:
        w = csv.writer(h)
        w.writerow(["trace_id", "case_id", "level", "op", "trad", "kind", "family_case_ids"])
        w.writerows(truth)
    sha = hashlib.sha256(
        open(f"{A.out}/registry.jsonl", "rb").read() + open(f"{A.out}/traces.jsonl", "rb").read()
    ).hexdigest()
    json.dump(
        {
            "cases": len(reg),
            "traces": len(traces),
            "seed": A.seed,
            "nonmatch": A.nonmatch,
            "sha256": sha,
            "kinds": Counter(t[5] for t in truth),
            "ops": Counter(t[3] for t in truth),
        },
        open(f"{A.out}/meta.json", "w"),
        indent=1,
    )
    print(open(f"{A.out}/meta.json").read())


if __name__ == "__main__":
    main()
