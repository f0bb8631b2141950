"""Markdown as a terminal shows it. To import this takes as long as a whole command does."""

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown, TableElement
from rich.table import Table
from rich.text import Text


class _WholeCode(CodeBlock):
    """Code without breaks of our own: what is copied has to work."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = self.text.plain.rstrip()
        yield Text(code, style=self.style_name, no_wrap=True, overflow="ignore")


class _WholeTable(TableElement):
    """A table that folds what is too long for its column, as paths are, and cuts nothing off."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
                # Names, which people search for, stay in one piece where they leave room for the rest.
                names = table.columns[0]
                names.no_wrap = max(cell_len(str(cell)) for cell in names.cells) <= options.max_width // 3
            yield table


class _Page(Markdown):
    elements = {**Markdown.elements, "fence": _WholeCode, "table_open": _WholeTable}  # noqa: RUF012


def lay_out(text: str) -> str:
    """Lay out Markdown for the terminal that standard output is, in its width and colours."""
    console = Console()
    with console.capture() as printed:
        # A link is to another page of the manual: its name helps, and there is nothing to click on.
        console.print(_Page(text, hyperlinks=False), crop=False)
    return printed.get()
