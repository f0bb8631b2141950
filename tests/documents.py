"""README and the pages of the manual as data: blocks, tables, headings and links."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]

_SERVERS = ("rescind serve", "gunicorn ", "flask --app app run", "flask --app own run")
# A block of code is passed over whole, so that no line in it counts as a heading.
_PARTS = re.compile(
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$|^#{1,3} (?P<title>[^\n]+)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of code: the heading that it stands under, its language and its text."""

    section: str
    language: str
    text: str

    @property
    def is_server(self) -> bool:
        """Tell whether it starts a server, for which a reader takes another terminal."""
        return self.text.splitlines()[-1].startswith(_SERVERS)


@dataclass(frozen=True)
class Document:
    """A Markdown file of the project."""

    path: Path

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    def blocks(self, *languages: str) -> list[Block]:
        """Give the blocks of these languages, or of all, in the order of the document."""
        return [block for block in self._blocks() if not languages or block.language in languages]

    def shell(self, *sections: str) -> list[Block]:
        """Give the shell blocks of these sections, in the order of the document."""
        return [block for block in self.blocks("sh") if block.section in sections]

    def answers(self) -> dict[Block, Block]:
        """Give the answer that is shown under a shell block, by that block."""
        pairs = itertools.pairwise(self.blocks("sh", "json", "text"))
        return {asked: answer for asked, answer in pairs if asked.language == "sh" != answer.language}

    def headings(self) -> list[str]:
        """Give the headings, the title first."""
        return [part["title"] for part in _PARTS.finditer(self.text) if part["title"]]

    def anchors(self) -> set[str]:
        """Give what a link to a heading has behind its `#`."""
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in self.headings()}

    def links(self) -> list[tuple[Path, str]]:
        """Give the files of the project that are linked to, each with what the link has behind `#`."""
        prose = _PARTS.sub("", self.text)
        targets = [target.partition("#") for target in re.findall(r"\]\(([^)\s:]+)\)", prose)]
        return [((self.path.parent / file) if file else self.path, anchor) for file, _, anchor in targets]

    def table(self, section: str) -> list[list[str]]:
        """Give the rows of a section's first table, without its head."""
        lines = re.search(r"(?:^\|.*\n)+", self._section(section), re.MULTILINE)
        assert lines, f"the section {section} has no table"
        return [
            [cell.strip() for cell in line.strip("| \n").split(" | ")] for line in lines[0].splitlines()[2:]
        ]

    def _section(self, title: str) -> str:
        ends = [(part["title"], part.start()) for part in _PARTS.finditer(self.text) if part["title"]]
        for (found, start), (_, end) in itertools.pairwise([*ends, ("", len(self.text))]):
            if found == title:
                return self.text[start:end]
        raise AssertionError(f"{self.path.name} has no section {title}")

    def _blocks(self) -> Iterator[Block]:
        section = ""
        for part in _PARTS.finditer(self.text):
            section = part["title"] or section
            if part["language"]:
                yield Block(section, part["language"], part["text"])


README = Document(ROOT / "README.md")
MANUAL = {path.stem: Document(path) for path in sorted((ROOT / "app" / "rescind" / "manual").glob("*.md"))}
DOCUMENTS = [README, *MANUAL.values()]
