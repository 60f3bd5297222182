#!/usr/bin/env python3
"""Fits the weights of kit-matching on simulated traces and writes model.json.

  fit.py --clues clues.json --out model.json DUMP...

A DUMP holds the clues of all candidates of all traces of one generated set (`bench dump`). Its
seed must not be one of an evaluation set: those labels are never looked at. The likelihood is that
of the engine's own answer: at most one candidate is the child; a candidate is the child, of its
family, or a stranger. A ridge pulls all weights to those of an expert (agreement speaks for,
disagreement against, as much as it is rare), so that clues seldom seen keep a sane weight.
"""
import argparse
import json
import sys

import numpy as np
from scipy.optimize import minimize


def read(path):
    """Pairs of one dump: size, question and label of each pair, and its clues as a sparse matrix."""
    raw = np.frombuffer(open(path, "rb").read(), dtype=np.uint8)
    size = int(raw[:4].view(np.uint32)[0])
    at, end = 4, len(raw)
    question, label, start, count = [], [], [], []
    data = raw.tobytes()
    while at < end:
        question.append(int.from_bytes(data[at:at + 4], "little"))
        label.append(data[at + 4])
        n = data[at + 5]
        start.append(at + 6)
        count.append(n)
        at += 6 + 5 * n
    count = np.array(count)
    where = np.repeat(np.array(start) - 5 * np.concatenate([[0], np.cumsum(count)[:-1]]), count) + 5 * np.arange(count.sum())
    clue = raw[where]
    amount = raw[where[:, None] + np.arange(1, 5)].copy().view(np.float32)[:, 0]
    return size, np.array(question), np.array(label), count, clue, amount


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clues", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--version", type=int, default=1)
    parser.add_argument("--ridge", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("dumps", nargs="+")
    args = parser.parse_args()
    fields = json.load(open(args.clues))
    names = [(f["field"], clue) for f in fields for clue in f["clues"]]
    own = np.array([f["own"] for f in fields for _ in f["clues"]])
    width = len(names)
    from scipy.sparse import csr_matrix, vstack
    parts, questions, labels, sizes, offset = [], [], [], [], 0
    for path in args.dumps:
        size, question, label, count, clue, amount = read(path)
        ptr = np.concatenate([[0], np.cumsum(count)])
        parts.append(csr_matrix((amount, clue, ptr), shape=(len(count), width)))
        questions.append(question + offset)
        labels.append(label)
        sizes.append(np.full(len(count), np.log(size)))
        offset += question.max() + 1
    X = vstack(parts).tocsr()
    question, label, size = map(np.concatenate, (questions, labels, sizes))
    print(X.shape, "pairs", (label == 1).sum(), "children", (label == 2).sum(), "family", file=sys.stderr)
    XT = X.T.tocsr()
    change = np.flatnonzero(np.diff(question)) + 1
    begin = np.concatenate([[0], change])
    group = np.cumsum(np.isin(np.arange(len(question)), begin)) - 1
    prior, scale = expert(names)
    has = np.zeros(len(begin), bool)
    has[group[label == 1]] = True
    y = (label == 1).astype(float)
    near = (label > 0).astype(float)

    def loss(w):
        child0, family0, w = w[0], w[1], w[2:]
        F = X @ np.where(own, 0, w)
        I = X @ np.where(own, w, 0)
        lb = family0 + F - size
        soft = np.logaddexp(0, lb)
        s = child0 + I + F - size - soft
        sig = np.exp(lb - soft)
        top = np.maximum(np.maximum.reduceat(s, begin), 0)
        e = np.exp(s - top[group])
        total = np.add.reduceat(e, begin) + np.exp(-top)
        p = e / total[group]
        nll = (top + np.log(total)).sum() - (s * y).sum()
        ds = p - y
        # the family's own chance, on all but the child itself
        rest = label != 1
        bce = (soft - near * lb)[rest].sum() * 0.5
        dlb = np.where(rest, (sig - near) * 0.5, 0) - ds * sig
        dF = ds + dlb
        g = np.where(own, XT @ ds, XT @ dF)
        pull = (w - prior) / scale
        total_loss = nll + bce + args.ridge * 0.5 * (pull ** 2).sum()
        return total_loss, np.concatenate([[ds.sum()], [dlb.sum()], g + args.ridge * pull / scale])

    start = np.concatenate([[-1.0, -1.0], prior])
    least = [(floor(field, clue), None) for field, clue in names]
    fit = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None)] * 2 + least,
                   options={"maxiter": args.steps})
    print("loss", fit.fun, "of", len(begin), "questions;", fit.message, file=sys.stderr)
    w = np.round(fit.x, 3)
    out = {"version": args.version, "child": w[0], "family": w[1], "weights": {}}
    seen = np.bincount(X.indices, minlength=width)
    for (field, clue), value in zip(names, w[2:]):
        out["weights"].setdefault(field, {})[clue] = value
    for (field, clue), value, n, p in zip(names, w[2:], seen, prior):
        print(f"{field:18} {clue:16} {value:8.3f}  expert {p:6.2f}  seen {n}", file=sys.stderr)
    with open(args.out, "w") as file:
        json.dump(out, file, indent=1)
        file.write("\n")


def floor(field, clue):
    """How much a clue may speak against: simulated families never change their phone, their faith or
    the language they name first; real ones do."""
    floors = {("phone", "other"): -0.7, ("ethnicity", "other"): -3, ("religion", "other"): -3,
              ("language", "other"): -2.5, ("sex", "other"): -4}
    return floors.get((field, clue), -6)


def expert(names):
    """Where weights begin, and how firmly they are held there."""
    start = {
        "given_name": dict(other=-4, far=-3, unlike=-2, loose=-2, like=-2, near=-1.5, nearer=-1, same=-1,
                           loose_rarity=.5, like_rarity=.6, near_rarity=.8, nearer_rarity=.9, same_rarity=1,
                           by_nickname=0, elsewhere=-1),
        "sex": dict(same=.7, other=-4),
        "birth": dict(same_day=6, slip=4, month=3, year=0, two_years=-1, far_days=-4, fits=1.5, off_1=.7, off_2=-.5,
                      off_3=-1.5, off_4=-2.5, off_5=-3.5, off_6=-4),
        "siblings": dict(other=-.5, same=-.5, same_rarity=1),
        "on_the_way": dict(same=-1, same_rarity=.5),
        "separation_day": dict(same=5, week=3, weeks=2.5, months=1, seasons=0, year=-1, far=-2),
        "phone": dict(same=9, other=-.5),
    }
    names_of = dict(none=-2.5, one=-1, two=-1, three=-1, loose_rarity=.5, near_rarity=.7, same_rarity=.8, conflict=-1)
    place = dict(same=-.5, same_rarity=.8, within=-.5, within_rarity=.7, province=-1, province_rarity=.5,
                 within_country=0, country=-1.5, elsewhere=-3)
    coded = dict(same=0, same_rarity=.6, other=-1.5)
    for field in ("fathers_line", "mother", "relatives"):
        start[field] = names_of
    for field in ("last_place", "separation_place"):
        start[field] = place
    prior = np.array([start.get(field, coded)[clue] for field, clue in names], float)
    scale = np.array([.4 if "rarity" in clue else 1.5 for _, clue in names])
    return prior, scale


main()
