"""What a consultant asks for the work: read from client.toml, reckoned by hand, in no client's report."""

import pytest

from cape_kit.entries import client
from cape_kit.errors import BadClient


def load(folder, text):
    (folder / "client.toml").write_text(f'name = "Acme"\n{text}', "utf-8")
    return client.load(folder)


def test_without_an_engagement_there_is_none(tmp_path):
    assert load(tmp_path, "").engagement is None


@pytest.mark.parametrize(
    ("settings", "refund", "entries", "fee"),
    [
        ("percent = 10", 1_234_505, 3, 123_451),  # $12,345.05 x 10% = $1,234.505, half up
        ("percent = 12.5\nfloor = 2500", 1_000_000, 1, 250_000),  # 12.5% of $10,000 is less than the floor
        ("percent = 8\nper_entry = 4.50", 10_000_000, 40, 800_000 + 18_000),
        ("floor = 900", 0, 0, 90_000),
    ],
)
def test_the_fee_is_share_or_floor_and_so_much_an_entry(tmp_path, settings, refund, entries, fee):
    agreed = load(tmp_path, f"[engagement]\n{settings}\n").engagement
    assert agreed.fee_cents(refund, entries) == fee


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("percent = 101", "percent is '101'; it must be a number from 0 to 100"),
        ("percent = -1", "percent is '-1'"),
        ('percent = "10"', "percent is '10'"),
        ("percent = true", "percent is 'True'"),
        ("floor = 10.005", "floor is '10.005'; it must be a number from 0 to 100,000,000 with at most two"),
        ("percent = nan", "percent is 'nan'"),
        ("rate = 10", "'rate' is not a setting of [engagement]"),
    ],
)
def test_what_is_no_fee_is_refused(tmp_path, settings, said):
    with pytest.raises(BadClient) as told:
        load(tmp_path, f"[engagement]\n{settings}\n")
    assert said in str(told.value)
