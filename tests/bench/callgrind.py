"""Reads what callgrind counted: instructions by the function that executed them (Valgrind Manual, "Callgrind Format Specification")."""
import collections
import re

_NAMED = re.compile(r"(ob|fn|cob|cfn|fl|fi|fe|cfi|cfl)=(?:\((\d+)\))?\s*(.*)")


def scenario_of(text):
    """The name with which the program asked for this part; None for what was counted after its last."""
    found = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
    return found and found[1]


def instructions(text):
    """{(object, function): instructions}, each its own, without those of what it calls."""
    names = {"ob": {}, "fn": {}}
    spent = collections.Counter()
    where = {"ob": "", "fn": ""}
    of_a_call = False
    for line in text.splitlines():
        if named := _NAMED.match(line):
            kind, number, name = named.groups()
            known = names.get(kind[-2:])
            if known is None:
                continue  # a source file's
            if name:
                known[number] = name
            if kind in where:
                where[kind] = name or known[number]
        elif line.startswith("calls="):
            of_a_call = True  # the next line has what it cost, all that it called included
        elif re.match(r"[+\-*\d]", line):
            if not of_a_call:
                spent[where["ob"], where["fn"]] += int(line.split()[1])
            of_a_call = False
    return spent
