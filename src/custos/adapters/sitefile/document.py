"""YAML text as plain values that remember their lines.

Document = read_document(text, file); document.tree, document.line_of(location), document.problems
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from custos.adapters.sitefile.problems import Problem, SiteFileError

MAX_BYTES = 1_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 20
_TAG = "tag:yaml.org,2002:"
_SYNTAX_REMEDIES = {
    "cannot start any token": "Indent with spaces, not tabs; put a value that begins with a sign in quotes.",
    "mapping values are not allowed here": "Put a value that holds ': ' in quotes; check the indentation.",
    "unexpected end of stream": "A quote that was opened on this line is not closed.",
    "expected a single document": "A site file holds one document: take the '---' out.",
    "expected <block end>": "Check the indentation: keys of one level begin in the same column.",
    "could not find expected ':'": "Every key is followed by ':' and a space.",
    "expected ',' or": "A bracket opened earlier is not closed.",
    "undefined alias": "A '*' at the beginning of a value names an anchor: put the value in quotes.",
}


@dataclass(frozen=True, slots=True)
class SecretName:
    """`!secret name` as it stands in the file."""

    name: str


Value = None | bool | int | float | str | SecretName | list["Value"] | dict[str, "Value"]
Location = tuple[str | int, ...]
"""Keys and indices from the top: ("cameras", 0, "zones", 1, "polygon")."""


@dataclass(slots=True)
class Document:
    """A YAML file: values, where they stand, and what could already be told to be wrong."""

    file: str
    tree: Value = None
    problems: list[Problem] = field(default_factory=list)
    lines: dict[Location, int] = field(default_factory=dict)
    key_lines: dict[Location, int] = field(default_factory=dict)

    def line_of(self, location: Sequence[str | int]) -> int:
        """Line (from 1) of the value at `location`, or of what is nearest around it; 0 for none."""
        at = tuple(location)
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 0)

    def key_line_of(self, location: Sequence[str | int]) -> int:
        """Like `line_of`, of the key rather than of its value."""
        return self.key_lines.get(tuple(location)) or self.line_of(location)

    def complain(self, location: Sequence[str | int], what: str, remedy: str = "") -> None:
        """Note a problem with the value at `location`."""
        self.problems.append(Problem(self.file, self.line_of(location), what, remedy))


def read_document(text: str, file: str) -> Document:
    """Parse YAML; SiteFileError when it is not YAML, with the line."""
    if len(text) > MAX_BYTES:
        what = f"the file is {len(text):,} characters long, at most {MAX_BYTES:,} are read"
        raise SiteFileError([Problem(file, 0, what)])
    try:
        root = YAML().compose(text)
    except MarkedYAMLError as error:
        raise SiteFileError([_syntax_problem(error, file)]) from error
    except YAMLError as error:
        raise SiteFileError([Problem(file, 0, f"this is not YAML: {str(error).splitlines()[0]}")]) from error
    except RecursionError as error:
        raise SiteFileError([Problem(file, 0, "values are nested too deeply")]) from error
    document = Document(file)
    if root is not None:
        document.tree = _Reader(document).read(root, (), 0)
    return document


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    problem = str(error.problem or "the YAML is not well formed").replace("\n", " ")
    opened = "quoted scalar" in str(error.context or "")
    mark = error.context_mark if opened and error.context_mark else error.problem_mark
    remedy = next((text for words, text in _SYNTAX_REMEDIES.items() if words in problem), "")
    return Problem(file, mark.line + 1 if mark else 0, problem, remedy)


class _Reader:
    """Walks the node tree once; aliases are followed, with limits so that no file can grow without bound."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def read(self, node: Node, at: Location, depth: int) -> Value:
        line = node.start_mark.line + 1
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_VALUES:
            what = f"values are nested deeper than {MAX_DEPTH} levels, or are more than {MAX_VALUES:,}"
            raise SiteFileError([Problem(self._document.file, line, what, "An alias may hold itself.")])
        self._document.lines[at] = line
        tag = str(node.tag)
        if not tag.startswith(_TAG) and not (tag == "!secret" and isinstance(node, ScalarNode)):
            self._note(line, f"tag {tag!r} is not known", "Only '!secret name' is.")
        if isinstance(node, MappingNode):
            return self._mapping(node, at, depth)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*at, i), depth + 1) for i, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        raise TypeError(f"a YAML node is a mapping, a sequence or a scalar, got {type(node)}")

    def _mapping(self, node: MappingNode, at: Location, depth: int) -> Value:
        values: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._note(line, "a key must be a word", "Put the key in quotes, or check the brackets.")
                continue
            key = str(key_node.value)
            if key in values:
                first = self._document.key_line_of((*at, key))
                self._note(line, f"key {key!r} is given twice, first on line {first}", "Keep one of them.")
                continue
            self._document.key_lines[(*at, key)] = line
            values[key] = self.read(value_node, (*at, key), depth + 1)
        return values

    def _scalar(self, node: ScalarNode) -> Value:
        tag, text = str(node.tag), str(node.value)
        if node.style == ">":  # ruamel marks where lines were folded, so that it could fold them again
            text = text.replace("\a", "")
        if tag == "!secret":
            return SecretName(text.strip())
        if tag == _TAG + "null":
            return None
        if tag == _TAG + "bool":
            return text.lower() == "true"
        if tag in (_TAG + "int", _TAG + "float"):
            return self._number(tag, text)
        return text

    def _number(self, tag: str, text: str) -> Value:
        plain = text.replace("_", "")
        try:
            if tag == _TAG + "int":
                return int(plain, 0) if plain.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else int(plain)
            return float(plain.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return text

    def _note(self, line: int, what: str, remedy: str) -> None:
        self._document.problems.append(Problem(self._document.file, line, what, remedy))
