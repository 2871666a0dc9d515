"""``python -m cape_kit`` and the ``cape-kit`` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line; errors of the kit end as one sentence on stderr."""
    from cape_kit.cli import run

    run()


if __name__ == "__main__":
    main()
