"""`cape-kit sample`: synthetic clients with their truth."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--clients", type=click.IntRange(1), default=3, show_default=True, help="How many clients to make."
)
@click.option(
    "--entries", type=click.IntRange(60), default=200, show_default=True, help="Entries of each client."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same files.")
@click.option(
    "--committed", is_flag=True, help="Instead: the three clients kept in data/sample, whatever else is said."
)
@click.option(
    "--after-filing",
    is_flag=True,
    help="Instead: the client kept in data/sample-after, with CBP's answers and refunds.",
)
@click.option(
    "--paper",
    metavar="LAYOUT",
    help="Also print the entries as CBP Form 7501 in PDF: official, gateway, lakehead or tidewater.",
)
def sample(
    out: Path, clients: int, entries: int, seed: int, committed: bool, after_filing: bool, paper: str | None
) -> None:
    """Make synthetic clients in OUT, each with the truth a correct kit must arrive at.

    \b
    Example: cape-kit sample clients-for-a-try --clients 10 --entries 200 --seed 7
    """
    from cape_kit import sample as room

    if after_filing:
        made = [room.write_after(out)]
    elif committed:
        made = room.write_samples(out)
    else:
        made = room.generate(out, clients=clients, entries=entries, seed=seed)
        if paper:
            made += room.print_paper(out, clients=clients, entries=entries, seed=seed, layout=paper)
    for folder in made:
        click.echo(folder)
    click.echo(f"{len(made)} synthetic clients in {out}; their truth/truth.json is for tests", err=True)
