"""The table that `make bench` writes: only its own lines change, and nothing of the machine but its kind is in it."""

import platform
import socket
from pathlib import Path

import pytest

from docs.bench import BEGIN, END, TABLE, Found, clean, machine, put, run_part, table
from docs.bench_rows import Row, Turns


def test_only_what_is_between_the_markers_is_replaced() -> None:
    before, after = "# Measured\n\nBy hand, `/a`.\n\n", "\n\n| by hand | 1 |\n"
    first = put(f"{before}{BEGIN}\nold\n{END}{after}", "new")
    assert first == f"{before}{BEGIN}\n\nnew\n\n{END}{after}"
    assert put(first, "newer") == first.replace("new", "newer")


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}\n{BEGIN}"])
def test_a_file_without_both_markers_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        put(text, "new")


def test_the_file_has_its_markers() -> None:
    assert put(TABLE.read_text("utf-8"), "new")


def test_neither_a_path_nor_the_name_of_the_machine_comes_into_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "builder-7.example.org"
    for where in (socket, platform):
        monkeypatch.setattr(where, "gethostname" if where is socket else "node", lambda: name)
    told = f"no file {tmp_path / 'bench.log'} on {name}, nor '{Path.home()}' there"
    made = table([Found("doors", [Row(told, told, told)], has_crashed=False)])
    for secret in (name, str(tmp_path), str(Path.home()), "bench.log"):
        assert secret not in made
    assert made.count("no file … on …, nor '…' there") == 3


def test_rates_and_addresses_stay_as_they_are() -> None:
    text = "427/s to 900/s of POST /checkins, `.venv/bin/python docs/bench_doors.py`, /plan/tasks/A4-2"
    assert clean(text) == text
    assert clean("a|b\nc") == "a/b c"


def test_the_machine_is_its_kind_alone() -> None:
    assert clean(machine()) == machine()
    assert socket.gethostname() not in machine()


def test_a_row_says_whether_it_was_reached_and_how_to_repeat_it() -> None:
    rows = [Row("a", "1 s", "≤ 2 s", True), Row("b", "3 s", "≤ 2 s", False), Row("c", "cannot run here")]
    made = table([Found("doors", rows, has_crashed=True)]).splitlines()
    assert made[2] == "| a | 1 s | ≤ 2 s | yes | `.venv/bin/python docs/bench_doors.py` |"
    assert made[3] == "| b | 3 s | ≤ 2 s | **no** | the same |"
    assert made[4] == "| c | cannot run here | – | – | the same |"
    assert made[5] == "| what else bench_doors.py measures | it ended with an error | – | – | the same |"


def test_a_part_that_crashes_is_named(tmp_path: Path) -> None:
    found = run_part("of_nothing", tmp_path)
    assert found == Found("of_nothing", [], has_crashed=True)
    assert "bench_of_nothing.py measures | it ended with an error" in table([found])


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    turns = Turns(floors=[100, 200, 400], ours=[50, 150, 100])
    assert turns.ratio == 0.5
    assert str(turns) == "ratio 0.50 (0.25–0.75 in 3 rounds), 100/s to 200/s"
