"""Make webapp/data/initials.txt anew from pypinyin's readings.

`pip install pypinyin==0.55.0`, then `python docs/initials.py`. One line for each set of first letters, the usual
reading first, with the characters that are read so. Two readings a character are kept: the third and later ones
(广 as ān) find people whom nobody meant. With the table in the repository the product needs neither the package nor
the 13 to 59 MB its dictionaries take in each process; the table takes 0.7.
"""

import unicodedata
from pathlib import Path

from pypinyin.pinyin_dict import pinyin_dict

TARGET = Path(__file__).parent.parent / "webapp" / "data" / "initials.txt"
READINGS = 2


def letters(readings: str) -> str:
    """The first letters of the first readings, each once: "dān,chán,shàn" is "dc"."""
    plain = [unicodedata.normalize("NFD", one.strip())[:1] for one in readings.split(",")]
    return "".join(dict.fromkeys(one for one in plain if one.isascii() and one.isalpha()))[:READINGS]


def main() -> None:
    lines: dict[str, list[str]] = {}
    for number, readings in sorted(pinyin_dict.items()):
        character = chr(number)
        if unicodedata.normalize("NFKC", character) == character and letters(readings):
            lines.setdefault(letters(readings), []).append(character)
    longest_first = sorted(lines.items(), key=lambda line: (-len(line[1]), line[0]))
    TARGET.write_text("".join(f"{key} {''.join(found)}\n" for key, found in longest_first), encoding="utf-8")


if __name__ == "__main__":
    main()
