"""What a case saw, as text that is the same each time: what differs by chance is replaced by a symbol."""

import json
import re

UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
SUFFIX = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}\b")  # the alphabet of generated names
ADDRESS = re.compile(r"\b(?:127|10)\.\d+\.\d+\.\d+\b")

# Parts of messages that are by chance or tell of the server's insides (Go types, storage, its own struct dumps).
IN_MESSAGES = [
    (re.compile(r"(resource version: \d+) \(\d+\)"), r"\1 (<rv>)"),
    (re.compile(r"(Too large resource version: \d+), current: \d+"), r"\1, current: <rv>"),
    (re.compile(r"(ResourceVersion in record) \(\d+\)"), r"\1 (<rv>)"),
    (re.compile(r"(json parse error|error decoding patch|accepted media types include): .*"), r"\1: …"),
    (re.compile(r"(?:StorageError|Precondition failed): .*"), "precondition failed: …"),
    (re.compile(r"^(?:unable to parse requirement: )?found '.*"), "cannot read the selector: …"),
    (re.compile(r"(Invalid value): \{.*\}:"), r"\1: {…}:"),
    (re.compile(r"(continue key is not valid): .*"), r"\1: …"),
    (re.compile(r"\n.*", re.S), ""),
]

# Members whose value is by chance, and what stands for it; None: left out altogether.
BY_CHANCE = {"resourceVersion": "<rv>", "continue": "<continue>", "managedFields": None, "nodeName": "<node>",
             "selfLink": None, "containerID": "<id>", "imageID": "<id>",
             # The real cluster runs without the admission that sets it: there is no token controller.
             "serviceAccount": None, "serviceAccountName": None}


class Symbols:
    """The symbols of one case."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.uids = {}

    def text(self, value):
        """`value` with everything by chance replaced."""
        value = UID.sub(lambda match: self.uids.setdefault(match.group(), f"<uid {len(self.uids) + 1}>"), value)
        value = SUFFIX.sub("-<5>", TIME.sub("<time>", ADDRESS.sub("<ip>", value)))
        return value.replace(self.namespace, "<ns>")

    def message(self, value):
        """`text`, for a message of the server to people: its first line, without the server's insides."""
        for pattern, stand_in in IN_MESSAGES:
            value = pattern.sub(stand_in, value)
        return self.text(value)

    def value(self, value, name=""):
        """The same for any JSON, with object members in the order of their names."""
        if name in BY_CHANCE and isinstance(value, str) and value:
            return BY_CHANCE[name]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item, key) for key, item in sorted(value.items())
                    if BY_CHANCE.get(key, "") is not None}
        return value


def rendered(value, indent=""):
    """JSON as lines in the manner of YAML."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                yield f"{indent}{key}:"
                yield from rendered(item, indent + "  ")
            else:
                yield f"{indent}{key}: {scalar(item)}"
    elif isinstance(value, list) and value:
        for item in value:
            lines = list(rendered(item, indent + "  "))
            yield f"{indent}- {lines[0].lstrip()}"
            yield from lines[1:]
    else:
        yield indent + scalar(value)


def scalar(value):
    """A bare word where that cannot be taken for something else, else JSON."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z<][^\n\"#]*(?<!\s)", value) and value not in ("true", "false", "null"):
        return value
    return json.dumps(value, ensure_ascii=False)


def selected(document, paths):
    """The parts of `document` at the dotted `paths`, as {path: value}; what is not there is `absent`."""
    found = {}
    for path in paths:
        value = document
        for word in path.split("."):
            if isinstance(value, list) and word.isdigit() and int(word) < len(value):
                value = value[int(word)]
            elif isinstance(value, dict) and word in value:
                value = value[word]
            else:
                value = "absent"
                break
        found[path] = value
    return found
