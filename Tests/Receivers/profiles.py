"""The third layer of fhircheck: a resource against HL7's StructureDefinitions.

Cardinality, fixed and pattern values, slicing (by value, pattern, type, existence), required bindings against local
ValueSets, reference targets, FHIRPath invariants, and the rules of a transaction Bundle.

An Observation must meet its base type, its meta.profile and, by R4's rule for vital signs, the profile that its LOINC
code commands. Extensible and preferred bindings are not judged (no terminology server); invariants that call
`resolve()` are skipped and noted.
"""

import glob
import json
import os
import re
import tarfile
from urllib.parse import unquote

from fhirpathpy import evaluate
from fhirpathpy.models import models

HL7 = "http://hl7.org/fhir/StructureDefinition/"
MAGIC = {
    "85354-9": HL7 + "bp",
    "8867-4": HL7 + "heartrate",
    "8480-6": HL7 + "vitalsigns",
    "8462-4": HL7 + "vitalsigns",
    "59408-5": HL7 + "vitalsigns",
    "2708-6": HL7 + "oxygensat",
}
PRIM = {
    "string",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "date",
    "instant",
    "time",
    "uri",
    "url",
    "canonical",
    "code",
    "id",
    "markdown",
    "base64Binary",
    "oid",
    "uuid",
    "positiveInt",
    "unsignedInt",
    "xhtml",
}
REGEX = {
    "id": r"[A-Za-z0-9\-\.]{1,64}",
    "code": r"[^\s]+(\s[^\s]+)*",
    "oid": r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
    "dateTime": r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1])(T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00)))?)?)?",
    "instant": r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))",
    "date": r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1]))?)?",
}


class Node:
    """One element of a profile, with its children and its slices."""

    __slots__ = ("ed", "kids", "slices")

    def __init__(self):
        self.ed, self.kids, self.slices = {}, {}, {}


class Definitions:
    """StructureDefinitions, ValueSets and CodeSystems by their address."""

    def __init__(self, dirs):
        self.sd, self.vs, self.cs, self.tree = {}, {}, {}, {}
        for d in dirs:
            for r in self._load(d):
                t = r.get("resourceType")
                if t == "StructureDefinition":
                    self.sd[r["url"]] = r
                elif t == "ValueSet":
                    self.vs[r["url"]] = r
                elif t == "CodeSystem":
                    self.cs[r["url"]] = r

    @staticmethod
    def _load(d):
        if d.endswith((".tgz", ".tar.gz")):  # an NPM-style FHIR package, e.g. hl7.fhir.r4.core.tgz
            with tarfile.open(d) as t:
                for m in t:
                    if re.match(r"package/(StructureDefinition|ValueSet|CodeSystem)-[^/]*\.json$", m.name):
                        yield json.loads(t.extractfile(m).read().decode("utf-8"))
        else:
            for f in sorted(glob.glob(os.path.join(d, "*.json"))):
                yield json.load(open(f, encoding="utf-8"))

    def node(self, url):
        url = url.split("|")[0]
        if url in self.tree:
            return self.tree[url]
        sd = self.sd.get(url)
        if not sd:
            return None
        els = (sd.get("snapshot") or sd.get("differential"))["element"]
        root = Node()
        self.tree[url] = root
        for ed in els:
            n = root
            for seg in ed["id"].split(".")[1:]:
                name, _, sl = seg.partition(":")
                if re.search(r"value[A-Z]\w+$", name) and name + "" not in n.kids and "value[x]" in n.kids:
                    sl = name
                    name = "value[x]"  # valueQuantity shorthand
                n = n.kids.setdefault(name, Node())
                if sl:
                    for part in sl.split("/"):
                        n = n.slices.setdefault(part, Node())
            n.ed = ed
        return root

    def chain(self, url):
        out, url = [], url.split("|")[0]
        while url and url in self.sd:
            out.append(url)
            sd = self.sd[url]
            if sd.get("snapshot"):
                break  # snapshot already merges its bases
            url = (sd.get("baseDefinition") or "").split("|")[0]
        return out

    def codes(self, url, seen=()):
        """set of (system, code) or None when it cannot be expanded locally"""
        url = url.split("|")[0]
        vs = self.vs.get(url)
        if not vs or url in seen:
            return None
        out = set()
        for inc in vs.get("compose", {}).get("include", []):
            sysm = inc.get("system")
            if inc.get("filter"):
                return None
            if inc.get("concept"):
                out |= {(sysm, c["code"]) for c in inc["concept"]}
            elif sysm:
                cs = self.cs.get(sysm)
                if not cs or cs.get("content") not in ("complete",):
                    return None

                def rec(cl):
                    for c in cl:
                        out.add((sysm, c["code"]))
                        rec(c.get("concept", []))

                rec(cs.get("concept", []))
            for v in inc.get("valueSet", []):
                s = self.codes(v, seen + (url,))
                if s is None:
                    return None
                out |= s
        for ex in vs.get("compose", {}).get("exclude", []):
            out -= {(ex.get("system"), c["code"]) for c in ex.get("concept", [])}
        return out


def fixed_of(ed):
    for k, v in ed.items():
        if k.startswith("fixed"):
            return ("fixed", v)
        if k.startswith("pattern"):
            return ("pattern", v)
    return None


def pat(v, p):
    if isinstance(p, dict):
        return isinstance(v, dict) and all(k in v and pat(v[k], x) for k, x in p.items())
    if isinstance(p, list):
        return isinstance(v, list) and all(any(pat(y, x) for y in v) for x in p)
    return v == p


def match_fixed(v, fp):
    return v == fp[1] if fp[0] == "fixed" else pat(v, fp[1])


class Checker:
    """Walks one resource along its profiles; what is wrong collects in `issues` as (severity, place, sentence)."""

    def __init__(self, definitions, verbose=False):
        self.d, self.v, self.issues, self.notes, self.applied = definitions, verbose, [], set(), []
        self._ev, self._model = evaluate, models["r4"]

    def err(self, path, msg):
        self.issues.append(("ERROR", path, msg))

    def warn(self, path, msg):
        self.issues.append(("WARN", path, msg))

    # -- values of a child name in a JSON object -> [(value, typename, jsonpath)]
    def children(self, obj, name, path):
        if not isinstance(obj, dict):
            return []
        out = []

        def add(k, t):
            v, x = obj.get(k), obj.get("_" + k)
            if v is None and x is None:
                return
            vs = v if isinstance(v, list) else [v]
            xs = x if isinstance(x, list) else [x] * (1 if x is not None else 0)
            for i, y in enumerate(vs if v is not None else [None] * len(xs)):
                ex = xs[i] if i < len(xs) else None
                out.append((y if y is not None else ex, t, f"{path}.{k}" + (f"[{i}]" if isinstance(v, list) else "")))

        if name.endswith("[x]"):
            b = name[:-3]
            for k in obj:
                if k.startswith(b) and len(k) > len(b) and k[len(b)].isupper():
                    add(k, k[len(b) :])
        else:
            add(name, None)
        return out

    def get(self, v, path):
        """values at a simple discriminator path"""
        cur = [v]
        if path in ("$this", ""):
            return cur
        for seg in path.split("."):
            m = re.match(r"(extension)\('([^']+)'\)", seg)
            if m:
                cur = [
                    e for c in cur if isinstance(c, dict) for e in c.get("extension", []) if e.get("url") == m.group(2)
                ]
                continue
            if seg.startswith("resolve()"):
                return None
            nxt = []
            for c in cur:
                if not isinstance(c, dict):
                    continue
                for k, x in c.items():
                    if k == seg or (seg == "value" and re.match(r"value[A-Z]", k)):
                        nxt += x if isinstance(x, list) else [x]
            cur = nxt
        return cur

    def disc_matches(self, v, typ, discs, snode, sname):
        ok_any = False
        for disc in discs:
            t, p = disc["type"], disc["path"]
            if t == "type" and p == "$this":
                types = [x["code"] for x in snode.ed.get("type", [])] or [sname]
                if not any(
                    typ and typ.lower() == y.lower() or (sname.lower().endswith((typ or "~").lower())) for y in types
                ):
                    return False
                ok_any = True
                continue
            vals = self.get(v, p)
            if vals is None:
                return False
            if t == "exists":
                n = self.sub(snode, p)
                mn = n.ed.get("min", 0) if n else 0
                if bool(vals) != bool(mn):
                    return False
                ok_any = True
                continue
            cons = self.constraints_at(snode, p)
            if not cons:
                b = self.binding_at(snode, p)
                if b:
                    cs = self.d.codes(b)
                    if cs is None:
                        return False
                    if not any(self.coding_in(x, cs) for x in vals):
                        return False
                    ok_any = True
                    continue
                return False
            for c in cons:
                if not any(match_fixed(x, c) for x in vals):
                    return False
            ok_any = True
        return ok_any

    def coding_in(self, v, cs):
        if isinstance(v, str):
            return any(c == v for _, c in cs)
        if "coding" in v:
            return any(self.coding_in(x, cs) for x in v["coding"])
        return (v.get("system"), v.get("code")) in cs

    def sub(self, n, p):
        if p == "$this":
            return n
        for seg in p.split("."):
            nx = n.kids.get(seg) or n.kids.get(seg + "[x]")
            if nx is None:
                return None
            n = nx
        return n

    def binding_at(self, n, p):
        x = self.sub(n, p)
        if x is None:
            return None
        for y in [x] + list(x.slices.values()):
            b = y.ed.get("binding")
            if b and b.get("strength") == "required":
                return b.get("valueSet")
        return None

    def constraints_at(self, n, p):
        """fixed/pattern constraints reachable at discriminator path p, also through sub-slices and via parents' patterns"""
        outs = []

        def rec(n, segs):
            fp = fixed_of(n.ed)
            if fp:
                v = fp[1]
                ok = True
                for s in segs:
                    if isinstance(v, list):
                        v = v[0] if v else None
                    if isinstance(v, dict) and s in v:
                        v = v[s]
                    else:
                        ok = False
                        break
                if ok:
                    if isinstance(v, list):
                        outs.extend((fp[0], y) for y in v)
                    else:
                        outs.append((fp[0], v))
            if not segs:
                return
            k = n.kids.get(segs[0]) or n.kids.get(segs[0] + "[x]")
            if k is None:
                return
            rec(k, segs[1:])
            for s in k.slices.values():
                if s.ed.get("min", 0):
                    rec(s, segs[1:])

        rec(n, [] if p == "$this" else [re.sub(r"\(.*", "", s) for s in p.split(".")])
        return outs

    # -- walk
    def walk(self, node, obj, path, root, base):
        for name, kn in node.kids.items():
            vals = self.children(obj, name, path)
            mn, mx = kn.ed.get("min"), kn.ed.get("max")
            if mn is not None and len(vals) < mn:
                self.err(f"{path}.{name}", f"min {mn}, found {len(vals)}")
            if mx not in (None, "*") and len(vals) > int(mx):
                self.err(f"{path}.{name}", f"max {mx}, found {len(vals)}")
            types = [t["code"] for t in kn.ed.get("type", [])]
            for v, t, p in vals:
                if name.endswith("[x]") and types and t and not any(x.lower() == t.lower() for x in types):
                    self.err(p, f"type {t} not allowed here ({', '.join(types)})")
                self.one(
                    kn, v, t or (types[0] if len(types) == 1 else None), p, root, f"{base}.{name.replace('[x]', '')}"
                )
            if kn.slices:
                sl = kn.ed.get("slicing") or {}
                discs = sl.get("discriminator") or (
                    [{"type": "value", "path": "url"}] if name in ("extension", "modifierExtension") else []
                )
                if name.endswith("[x]") and not discs:
                    discs = [{"type": "type", "path": "$this"}]
                used = set()
                for sname, sn in kn.slices.items():
                    m = [(v, t, p) for v, t, p in vals if self.disc_matches(v, t, discs, sn, sname)] if discs else []
                    used |= {p for _, _, p in m}
                    smin, smax = sn.ed.get("min"), sn.ed.get("max")
                    if smin and len(m) < smin:
                        self.err(f"{path}.{name}:{sname}", f"slice min {smin}, found {len(m)}")
                    if smax not in (None, "*") and len(m) > int(smax):
                        self.err(f"{path}.{name}:{sname}", f"slice max {smax}, found {len(m)}")
                    for v, t, p in m:
                        self.one(
                            sn,
                            v,
                            t or (types[0] if len(types) == 1 else None),
                            p,
                            root,
                            f"{base}.{name.replace('[x]', '')}",
                            sliced=True,
                        )
                if sl.get("rules") == "closed":
                    for v, t, p in vals:
                        if p not in used:
                            self.err(p, "matches no slice of a closed slicing")

    def one(self, n, v, typ, path, root, base, sliced=False):
        ed = n.ed
        fp = fixed_of(ed)
        if fp and not match_fixed(v, fp):
            self.err(path, f"{fp[0]} value {json.dumps(fp[1])} expected, found {json.dumps(v)[:80]}")
        b = ed.get("binding")
        if b and b.get("valueSet") and not isinstance(v, (int, float, bool)):
            cs = self.d.codes(b["valueSet"])
            if cs is None:
                self.notes.add(f"binding {b['strength']} {b['valueSet']} not expanded locally")
            elif v is not None and (isinstance(v, str) or "coding" in v or "code" in v) and not self.coding_in(v, cs):
                (
                    self.err
                    if b["strength"] == "required"
                    else self.warn if b["strength"] == "extensible" and self.v else lambda *a: None
                )(path, f"not in {b['strength']} ValueSet {b['valueSet']}")
        for c in ed.get("constraint", []):
            self.invariant(c, v, path, root, base, typ)
        tcode = typ
        types = ed.get("type", [])
        if not sliced and tcode and (tcode[0].lower() + tcode[1:]) in PRIM and isinstance(v, str):
            rx = REGEX.get(tcode[0].lower() + tcode[1:])
            if rx and not re.fullmatch(rx, v):
                self.err(path, f"'{v}' is not a valid {tcode}")
        if tcode == "Reference" and isinstance(v, dict):
            self.reference(types, v, path, root)
        if n.kids:
            self.walk(n, v, path, root, base)
        elif not sliced and isinstance(v, dict):
            if "resourceType" in v:
                self.resource(v, path)
            elif ed.get("contentReference"):
                cr = ed["contentReference"].split("#")[-1].split(".")
                rn = self.d.node(HL7 + cr[0])
                for s in cr[1:]:
                    rn = rn.kids[s] if rn else None
                if rn:
                    self.walk(rn, v, path, root, ".".join(cr))
            elif tcode and self.d.node(HL7 + tcode) and tcode not in ("Element", "BackboneElement", "Resource"):
                self.walk(self.d.node(HL7 + tcode), v, path, root, tcode)
                if tcode == "Extension":
                    self.extension(v, path, root)

    def extension(self, v, path, root):
        u = v.get("url", "")
        n = self.d.node(u)
        if n:
            self.walk(n, v, path, root, "Extension")
        else:
            self.notes.add(f"extension {u} has no local definition")

    def reference(self, types, v, path, root):
        tps = [p.rsplit("/", 1)[-1] for t in types if t["code"] == "Reference" for p in t.get("targetProfile", [])]
        if not tps or "Resource" in tps:
            return
        ref = v.get("reference")
        if not ref:
            return
        want = {
            {
                "PhdDevice": "Device",
                "PhgDevice": "Device",
                "PhdPatient": "Patient",
                "vitalsigns": "Observation",
                "PhdBaseObservation": "Observation",
                "PhdCoincidentTimeStampObservation": "Observation",
            }.get(x, x)
            for x in tps
        }
        tgt = self.bundle.get(ref)
        rt = (
            tgt["resourceType"]
            if tgt
            else (ref.split("/")[-2] if "/" in ref and not ref.startswith("urn:") else v.get("type"))
        )
        if rt and rt not in want:
            self.err(path, f"reference to {rt}, allowed: {sorted(want)}")
        if self.bundle and ref.startswith("urn:") and not tgt:
            self.err(path, f"{ref} does not resolve in the Bundle")

    def invariant(self, c, v, path, root, base, typ):
        e = c.get("expression")
        if not e or c.get("severity") == "warning" and not self.v:
            return
        if c["key"] == "vs-1":
            if isinstance(v, str) and len(v) < 10:
                self.err(path, "vs-1: date must be precise to the day")
            return
        if c["key"] in ("ele-1", "ext-1"):
            if isinstance(v, dict):
                if c["key"] == "ele-1" and not [k for k in v if k != "id"]:
                    self.err(path, "ele-1: empty element")
                if c["key"] == "ext-1" and bool(v.get("extension")) == any(k.startswith("value") for k in v):
                    self.err(path, "ext-1: must have either extensions or value[x], not both")
            return
        if (
            "resolve()" in e
            or "htmlChecks" in e
            or "%resource.descendants" in e
            or "conformsTo" in e
            or "memberOf" in e
        ):
            self.notes.add(f"invariant {c['key']} not evaluated (needs a FHIR server function)")
            return
        try:
            r = self._ev(
                v,
                {"base": base, "expression": e} if base and "." in base else e,
                {"resource": root, "rootResource": root, "context": v},
                self._model,
            )
        except Exception as x:
            self.notes.add(f"invariant {c['key']} not evaluated: {type(x).__name__}")
            return
        if r == [False]:
            (self.err if c["severity"] == "error" else self.warn)(path, f"{c['key']}: {c.get('human', e)}")

    def resource(self, r, path, extra=()):
        rt = r.get("resourceType")
        urls = [HL7 + rt] + list(r.get("meta", {}).get("profile", [])) + list(extra)
        if rt == "Observation":
            for cd in r.get("code", {}).get("coding", []):
                if cd.get("system") == "http://loinc.org" and cd.get("code") in MAGIC:
                    urls.append(MAGIC[cd["code"]])
        done = set()
        for u in urls:
            if not self.d.node(u):
                self.notes.add(f"profile {u} has no local definition")
                continue
            for w in self.d.chain(u):
                if w in done:
                    continue
                done.add(w)
                n = self.d.node(w)
                before = len(self.issues)
                self.walk(n, r, path, r, rt)
                for c in n.ed.get("constraint", []):
                    self.invariant(c, r, path, r, rt, rt)
                for i in range(before, len(self.issues)):
                    self.issues[i] = self.issues[i][:2] + (self.issues[i][2] + f"  [{w.rsplit('/',1)[-1]}]",)
        self.applied.append((path, sorted(x.rsplit("/", 1)[-1] for x in done)))
        return done

    def run(self, r, extra=()):
        self.bundle = {}
        if r.get("resourceType") == "Bundle":
            for e in r.get("entry", []):
                if e.get("fullUrl"):
                    self.bundle[e["fullUrl"]] = e.get("resource", {"resourceType": "?"})
            self.bundle_rules(r)
        self.resource(r, r["resourceType"], extra)

    def bundle_rules(self, b):
        seen = {}
        for i, e in enumerate(b.get("entry", [])):
            p = f"Bundle.entry[{i}]"
            if b.get("type") in ("transaction", "batch"):
                q = e.get("request")
                if not q:
                    self.err(p, "transaction entry without request")
                    continue
                m, u, rt = q.get("method"), q.get("url", ""), e.get("resource", {}).get("resourceType")
                if m == "POST" and u != rt:
                    self.err(p + ".request.url", f"POST to '{u}' but resource is {rt}")
                if m == "PUT" and not (u.startswith(rt + "/") or u.startswith(rt + "?")):
                    self.err(p + ".request.url", f"PUT url '{u}' does not fit {rt}")
                if m == "POST" and not e.get("fullUrl", "").startswith("urn:uuid:"):
                    self.warn(p + ".fullUrl", "POST entry should carry a urn:uuid fullUrl so others can refer to it")
                ine = q.get("ifNoneExist")
                if m == "POST" and ine is None:
                    self.warn(p, "created without a condition: a repeat adds another")
                if ine is not None:
                    if m != "POST":
                        self.err(p + ".request.ifNoneExist", "only valid with POST")
                    if ine.startswith(("?", "http", "/")) or "=" not in ine:
                        self.err(
                            p + ".request.ifNoneExist", "must be the bare search parameters ('identifier=system|value')"
                        )
                    mm = re.match(r"identifier=([^|&]+)(?:\||%7C)([^&]+)$", ine)
                    if mm:
                        s, val = (re.sub(r"\\([\\,|$])", r"\1", unquote(x)) for x in mm.groups())
                        if not any(
                            x.get("system") == s and x.get("value") == val for x in e["resource"].get("identifier", [])
                        ):
                            self.err(
                                p + ".request.ifNoneExist",
                                f"searches {s}|{val} but the resource carries no such identifier: every upload would create a duplicate",
                            )
                        if (rt, s, val) in seen:
                            self.err(p, f"same conditional-create identifier as entry[{seen[(rt, s, val)]}]")
                        seen[(rt, s, val)] = i
            fu = e.get("fullUrl")
            if fu:
                if not fu.startswith("urn:uuid:") and not fu.startswith("http"):
                    self.err(p + ".fullUrl", "must be absolute")
                if fu.startswith("urn:uuid:") and not re.fullmatch(
                    r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fu
                ):
                    self.err(p + ".fullUrl", "not a lower-case UUID")
