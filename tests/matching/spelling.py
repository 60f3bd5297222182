"""How two writers spell one name: equivalents of other peoples, nicknames, respelling rules of five
naming traditions, slips of the keyboard."""

import re
from collections import defaultdict

from sources import is_ar

EQUIV = [  # same biblical/quranic name in several naming traditions
    {"John", "Jean", "Juan", "Yohana", "Yohane", "Yahya"},
    {"Peter", "Pierre", "Pedro", "Petro", "Boutros"},
    {"Paul", "Pablo", "Paulo", "Boulos"},
    {"Joseph", "José", "Yusufu", "Youssef", "Yusuf", "Yosefu"},
    {"David", "Daudi", "Daoud", "Dawood"},
    {"James", "Jacques", "Santiago", "Yakobo", "Yacoub", "Jacob"},
    {"Mary", "Marie", "María", "Maria", "Maryam", "Mariamu", "Meryem"},
    {"Moses", "Moïse", "Moisés", "Musa", "Moussa"},
    {"Abraham", "Ibrahim", "Ibrahima", "Ibrahimu"},
    {"Elizabeth", "Élisabeth", "Isabel", "Elizabeti"},
    {"Ann", "Anne", "Ana", "Anna", "Hanna"},
    {"Solomon", "Salomon", "Sulemani", "Suleiman", "Souleymane"},
    {"Isaac", "Isaka", "Ishaq", "Issaka"},
    {"Ishmael", "Ismaël", "Ismael", "Ismaili", "Ismail", "Smail"},
    {"Michael", "Michel", "Miguel", "Mikaeli"},
    {"Stephen", "Étienne", "Esteban", "Stefano"},
    {"Elijah", "Élie", "Elías", "Eliya", "Ilyas"},
    {"Martha", "Marthe", "Marta"},
    {"Ruth", "Ruthu"},
    {"Daniel", "Danieli", "Daniyal"},
    {"Simon", "Simón", "Simoni", "Samaan"},
]
EQ = defaultdict(set)
for g in EQUIV:
    for n in g:
        EQ[n] |= g - {n}
ES_NICK = {
    "José": ["Pepe", "Chepe"],
    "Francisco": ["Paco", "Pacho", "Chico"],
    "Jesús": ["Chucho", "Chuy"],
    "Guadalupe": ["Lupe", "Lupita"],
    "Ignacio": ["Nacho"],
    "Antonio": ["Toño"],
    "Manuel": ["Manolo", "Meme"],
    "María": ["Mari", "Maruja"],
    "Dolores": ["Lola"],
    "Concepción": ["Concha", "Conchita"],
    "Rosario": ["Charo"],
    "Enrique": ["Quique"],
    "Eduardo": ["Lalo"],
    "Alejandro": ["Ale", "Alex"],
    "Luis": ["Lucho"],
    "Roberto": ["Beto"],
    "Alberto": ["Beto"],
    "Rafael": ["Rafa"],
    "Mercedes": ["Meche"],
    "Isabel": ["Chabela", "Isa"],
    "Carlos": ["Carlitos"],
    "Juan": ["Juancho"],
    "Daniel": ["Dani"],
    "Gabriel": ["Gabo"],
    "Santiago": ["Santi"],
    "Andrés": ["Andy"],
    "Sebastián": ["Sebas"],
    "Valentina": ["Vale"],
    "Daniela": ["Dani"],
    "Catalina": ["Cata"],
    "Camila": ["Cami"],
    "Fernando": ["Nando"],
    "Guillermo": ["Memo"],
    "Ricardo": ["Richi"],
}
AR_NICK_PRE = ["Abu ", "Um "]


def respell(rng, tok, rules, p):
    """apply each matching orthographic rule with probability p (at most 3 per token)."""
    t = tok
    done = 0
    for a, b in rng.sample(rules, len(rules)):
        if done >= 3:
            break
        m = list(re.finditer(a, t, re.I))
        if m and rng.random() < p:
            k = rng.choice(m)
            rep = b if isinstance(b, str) else rng.choice(b)
            if k.start() == 0:
                rep = rep[:1].upper() + rep[1:]
            t = t[: k.start()] + rep + t[k.end() :]
            done += 1
    return t or tok


R_FR = [
    ("ou", "u"),
    ("ou", "w"),
    ("(?<![oq])u(?!i)", "ou"),
    ("w", "ou"),
    ("sh", "ch"),
    ("ch", "sh"),
    ("(?<!d)j", "dj"),
    ("dj", "j"),
    ("y", "i"),
    ("i(?=[aeo])", "y"),
    ("k", "c"),
    ("c(?=[aou])", "k"),
    ("é|è|ê", "e"),
    ("ss", "s"),
    ("(?<=[aeiou])s(?=[aeiou])", "ss"),
    ("gu(?=[ei])", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("h", ""),
    ("ai", "e"),
    ("au", "o"),
]
R_ES = [
    ("b", "v"),
    ("v", "b"),
    ("z", "s"),
    ("s(?=[aeo])", "z"),
    ("c(?=[ei])", "s"),
    ("ll", "y"),
    ("y(?=[aeo])", "ll"),
    ("^h", ""),
    ("j", "h"),
    ("g(?=[ei])", "j"),
    ("qu", "k"),
    ("x", "j"),
    ("á", "a"),
    ("é", "e"),
    ("í", "i"),
    ("ó", "o"),
    ("ú", "u"),
    ("ñ", "n"),
    ("ü", "u"),
    ("y$", "i"),
    ("^i", "y"),
    ("nn", "n"),
]
R_SW = [
    ("l", "r"),
    ("r", "l"),
    ("th", "dh"),
    ("dh", "z"),
    ("ch", "sh"),
    ("ph", "f"),
    ("v", "f"),
    ("(?<=[bcdfgkmnprst])$", ["i", "u"]),
    ("i$", ""),
    ("u$", ""),
    ("y", "i"),
    ("w", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("ng'", "ng"),
    ("mb", "b"),
    ("nj", "j"),
    ("c(?=[aouk])", "k"),
    ("s(?=h)", "s"),
    ("ck", "k"),
    ("x", "ks"),
]
R_EN = [
    ("ph", "f"),
    ("ck", "k"),
    ("y$", "ie"),
    ("ie$", "y"),
    ("ll", "l"),
    ("tt", "t"),
    ("nn", "n"),
    ("ee", "i"),
    ("oo", "u"),
    ("c(?=[aou])", "k"),
    ("a(?=h?$)", "ah"),
    ("th", "t"),
    ("w", "u"),
    ("ey$", "y"),
    ("gh", ""),
    ("mm", "m"),
    ("s(?=on)", "ss"),
]
R_AR_LAT = [
    ("ou", "u"),
    ("u", "ou"),
    ("oo", "u"),
    ("u", "oo"),
    ("ee", "i"),
    ("i", "ee"),
    ("k", "q"),
    ("q", "k"),
    ("q", "gh"),
    ("gh", "g"),
    ("kh", "h"),
    ("kh", "k"),
    ("dh", "z"),
    ("dh", "d"),
    ("th", "t"),
    ("th", "s"),
    ("j", "dj"),
    ("j", "g"),
    ("dj", "j"),
    ("sh", "ch"),
    ("ch", "sh"),
    ("w", "ou"),
    ("y", "i"),
    ("i(?=[aou])", "y"),
    ("ss", "s"),
    ("(?<=[aeiou])s(?=[aeiou])", "ss"),
    ("mm", "m"),
    ("ai", "ay"),
    ("ay", "ei"),
    ("a(?=h?$)", ["ah", "eh"]),
    ("h$", ""),
    ("'", ""),
    ("aa", "a"),
    ("e", "a"),
    ("a", "e"),
    ("o", "u"),
    ("dd", "d"),
    ("i", "e"),
    ("ia", "iya"),
]
RULES = {"ar": R_AR_LAT, "fr": R_FR, "es": R_ES, "sw": R_SW, "en": R_EN}
KEYN = {
    "a": "sqz",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "wr",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "i": "uo",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "m": "n",
    "n": "mb",
    "o": "ip",
    "p": "o",
    "q": "wa",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "v": "cb",
    "w": "qe",
    "x": "zc",
    "y": "tu",
    "z": "x",
}
AR_SIM = {
    "ه": "ة",
    "ة": "ه",
    "ي": "ى",
    "ى": "ي",
    "ا": "أ",
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ض": "ظ",
    "ظ": "ض",
    "ذ": "د",
    "ث": "ت",
    "س": "ص",
    "ص": "س",
    "ت": "ط",
    "ط": "ت",
    "ق": "ك",
    "ئ": "ي",
    "ؤ": "و",
}


def typo(rng, s):
    if len(s) < 4:
        return s
    i = rng.randrange(1, len(s) - 1)
    op = rng.choice("dtsi")
    if s[i] == " ":
        return s
    if op == "d":
        return s[:i] + s[i + 1 :]
    if op == "t":
        return s[:i] + s[i + 1] + s[i] + s[i + 2 :]
    if is_ar(s):
        return s[:i] + AR_SIM.get(s[i], rng.choice("ابتدرسلمنهوي")) + s[i + 1 :]
    c = rng.choice(KEYN.get(s[i].lower(), "aeinrt"))
    return s[:i] + c + (s[i + 1 :] if op == "s" else s[i:])
