from __future__ import annotations

from benchmarks import many_networks
from benchmarks.many_networks import COUNTS, ENGINES, measure, result_of, table


def test_every_number_of_networks_is_timed_with_every_engine(monkeypatch):
    monkeypatch.setattr(many_networks, "EPOCHS", 1)
    monkeypatch.setattr(many_networks, "ROWS", 31)
    rows = measure(1)["together"]
    assert {(row["engine"], row["networks"]) for row in rows} == {(engine, k) for engine in ENGINES for k in COUNTS}


def test_the_cost_is_counted_in_fits_of_one_network_by_round():
    result = result_of({("fit", 1): [0.1, 0.2, 0.1], ("numpy", 16): [0.4, 0.4, 0.5]})
    (row,) = result["together"]
    assert row["fits"] == {"median": 4, "lowest": 2, "highest": 5}
    assert table(result).splitlines()[-1].split() == [
        "16",
        "networks,",
        "numpy",
        "400.0",
        "4.00",
        "(2.00",
        "to",
        "5.00)",
    ]
