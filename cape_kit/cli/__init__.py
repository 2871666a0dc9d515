"""The command line: data to stdout or --out, talk to stderr; exit 0 good, 1 bad data, 2 wrong usage."""

from __future__ import annotations

import importlib
import sys
import traceback

import click

from cape_kit import __version__, owners
from cape_kit.errors import CapeError, for_log, of_system

#: Command -> the module and object that hold it; a module is imported only when its command is asked for.
COMMANDS = {
    "sample": ("cape_kit.cli.lab", "sample", "Write synthetic clients, with their known correct results."),
    "inspect": ("cape_kit.cli.inspecting", "inspect", "Identify each file, and list what is wrong with it."),
    "assess": ("cape_kit.cli.assessing", "assess", "Decide every entry of a client as of a date."),
    "declare": ("cape_kit.cli.filing", "declare", "Write the CAPE declaration files to upload."),
    "reconcile": (
        "cape_kit.cli.filing",
        "reconcile",
        "Compare CBP's responses and refunds with the estimate.",
    ),
    "report": ("cape_kit.cli.reporting", "report", "Make one client's report."),
    "batch": (
        "cape_kit.cli.reporting",
        "batch",
        "Make reports for every client in a folder, with an index page.",
    ),
    "verify": ("cape_kit.cli.reporting", "verify", "Check delivered reports against their manifests."),
    "lab": ("cape_kit.cli.lab", "lab", "Open JupyterLab on the notebooks, with a client loaded."),
    "law": ("cape_kit.cli.lawpage", "law", "Show the law in force on a day, with sources."),
    "heading": (
        "cape_kit.cli.calculators",
        "heading",
        "Look up an HTS number: program, rate, duty or exception.",
    ),
    "windows": (
        "cape_kit.cli.calculators",
        "windows",
        "Calculate the CAPE, reliquidation and protest windows.",
    ),
    "interest": ("cape_kit.cli.calculators", "interest", "Calculate interest on a refund, to the cent."),
    "entry-number": (
        "cape_kit.cli.calculators",
        "entry_number",
        "Check entry numbers and their check digits.",
    ),
}


#: What a command's context holds where the command is a program of its own, whose process ends with it.
PROGRAM = "program"


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it, so that --help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help, from the table above: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, _, told) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="cape-kit")
@click.option("--debug", is_flag=True, help="Show the traceback of an error; may be given anywhere.")
def main(debug: bool) -> None:
    """Which IEEPA duties come back through CAPE, by when, how much, and why.

    \b
    Example:
      cape-kit report data/sample/harbor-lane --as-of 2026-05-05 --out reports
    """


def run(arguments: list[str] | None = None) -> None:
    """Run the command line as a program: a failure is one sentence on stderr; --debug asks for more."""
    given = sys.argv[1:] if arguments is None else arguments
    # Wanted most after a command has failed, so it may stand anywhere on the line.
    debug, arguments = "--debug" in given, [word for word in given if word != "--debug"]
    try:
        with owners.alone():
            code = main.main(args=arguments, prog_name="cape-kit", standalone_mode=False, obj=PROGRAM)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.exceptions.NoArgsIsHelpError as wrong:
        wrong.show()
        code = wrong.exit_code
    except click.ClickException as wrong:
        code = _tell(wrong, wrong.format_message(), wrong.exit_code, debug=debug)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 130
    except CapeError as error:
        code = _tell(error, str(error), error.exit_code, debug=debug)
    except OSError as error:
        code = _tell(error, of_system(error), 1, debug=debug)
    except Exception as error:
        code = _tell(
            error,
            f"Unexpected {type(error).__name__}: {for_log(str(error)) if debug else error}. "
            "Run again with --debug and report it.",
            1,
            debug=debug,
        )
    sys.exit(code if isinstance(code, int) else 0)


def _tell(error: BaseException, sentence: str, code: int, *, debug: bool) -> int:
    """A failure on stderr. What --debug adds is for passing on: nothing that stood in a file is in it."""
    if debug:
        click.echo(for_log("".join(traceback.format_exception(error))), err=True)
    click.echo(f"cape-kit: {sentence}", err=True)
    return code
