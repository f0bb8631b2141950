"""Markdown as a terminal shows it. To import this takes as long as a whole command does."""

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown, TableElement
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text


class _WholeCode(CodeBlock):
    """Code without breaks of our own: what is copied has to work."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = self.text.plain.rstrip()
        yield Text(code, style=self.style_name, no_wrap=True, overflow="ignore")


class _WholeTable(TableElement):
    """A table that cuts nothing off and breaks no word, as names and paths are, which people search for.

    Where its columns are too narrow for that, its rows stand below each other as a list.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if not isinstance(table, Table):
                yield table
                continue
            for column in table.columns:
                column.overflow = "fold"
            # Names stay in one piece where they leave room for the rest.
            names = table.columns[0]
            names.no_wrap = max(cell_len(str(cell)) for cell in names.cells) <= options.max_width // 3
            yield table if _has_whole_words(table, console, options) else self._listed()

    def _listed(self) -> RenderableType:
        heads = [cell.content for cell in self.header.row.cells] if self.header and self.header.row else []
        lines: list[RenderableType] = []
        for row in self.body.rows if self.body else []:
            name, *others = [cell.content for cell in row.cells]
            lines += ["", name]
            for head, cell in zip(heads[1:], others, strict=True):
                told = Text.assemble(head, ": ", cell) if head else cell
                lines += [Padding(told, (0, 0, 0, 2))] if cell else []
        return Group(*lines)


def _has_whole_words(table: Table, console: Console, options: ConsoleOptions) -> bool:
    shown = {word for line in console.render_lines(table, options) for word in _text(line).split()}
    return all(set(str(cell).split()) <= shown for column in table.columns for cell in column.cells)


def _text(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line)


class _Page(Markdown):
    elements = {**Markdown.elements, "fence": _WholeCode, "table_open": _WholeTable}  # noqa: RUF012


def lay_out(text: str) -> str:
    """Lay out Markdown for the terminal that standard output is, in its width and colours."""
    console = Console()
    with console.capture() as printed:
        # A link is to another page of the manual: its name helps, and there is nothing to click on.
        console.print(_Page(text, hyperlinks=False), crop=False)
    return printed.get()
