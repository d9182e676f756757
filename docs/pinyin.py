"""Make webapp/data/pinyin.txt anew from pypinyin's readings.

`pip install pypinyin==0.55.0`, then `python docs/pinyin.py`. One line for each set of readings without tones, the
usual one first, with the characters that are read so. Two readings a character are kept, and two first letters: the
others (广 as ān) find people whom nobody meant. With the table in the repository the product needs neither the package
nor the 13 to 59 MB its dictionaries take in each process; the table takes 1 MB.
"""

import unicodedata
from pathlib import Path

from pypinyin.pinyin_dict import pinyin_dict

TARGET = Path(__file__).parent.parent / "webapp" / "data" / "pinyin.txt"
READINGS = LETTERS = 2


def syllables(readings: str) -> list[str]:
    """The first readings as they are typed, each once: "dān,chán,shàn" is dan and chan, "lǚ" is lv."""
    found = list(dict.fromkeys(filter(None, map(_typed, readings.split(",")))))
    letters = list(dict.fromkeys(one[0] for one in found))[:LETTERS]
    return [
        one for place, one in enumerate(found) if place < READINGS or _brings(one, found[:place], letters)
    ]


def _brings(one: str, before: list[str], letters: list[str]) -> bool:
    """Whether it is the first of a first letter that is kept."""
    return one[0] in letters and one[0] not in {other[0] for other in before}


def _typed(reading: str) -> str:
    plain = unicodedata.normalize("NFD", reading.strip()).replace("u\u0308", "v")
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return letters if letters.isascii() and letters.isalpha() else ""


def main() -> None:
    lines: dict[str, list[str]] = {}
    for number, readings in sorted(pinyin_dict.items()):
        character, found = chr(number), syllables(readings)
        if unicodedata.normalize("NFKC", character) == character and found:
            lines.setdefault(",".join(found), []).append(character)
    longest_first = sorted(lines.items(), key=lambda line: (-len(line[1]), line[0]))
    TARGET.write_text("".join(f"{key} {''.join(found)}\n" for key, found in longest_first), encoding="utf-8")


if __name__ == "__main__":
    main()
