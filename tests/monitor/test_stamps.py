"""Proves that something counts as made only when all that it was made from is the same."""

from __future__ import annotations

from pathlib import Path

from llo_research.monitor.notebooks.stamps import Stamps, digest, digest_of_file, digest_of_files


def test_only_the_same_inputs_are_up_to_date(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "build" / "stamps.json")
    assert stamps.changed("08", {"data": "a"}) == ["not made yet"]
    stamps.record("08", {"data": "a", "library": "1"})
    again = Stamps(tmp_path / "build" / "stamps.json")
    assert again.changed("08", {"data": "a", "library": "1"}) == []
    assert again.changed("08", {"data": "b", "library": "1"}) == ["data"]
    assert again.changed("08", {"data": "a"}) == ["library"]
    assert again.changed("08", {"data": "a", "library": "1", "versions": "x"}) == ["versions"]


def test_what_stopped_half_way_was_not_made(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps.json")
    stamps.record("08", {"data": "a"})
    stamps.record("09", {"data": "b"})
    stamps.forget("08")
    again = Stamps(tmp_path / "stamps.json")
    assert again.changed("08", {"data": "a"}) == ["not made yet"]
    assert again.changed("09", {"data": "b"}) == []


def test_a_broken_file_means_everything_anew(tmp_path: Path) -> None:
    for text in ("{", "[1]", ""):
        (tmp_path / "stamps.json").write_text(text, encoding="utf-8")
        assert Stamps(tmp_path / "stamps.json").changed("08", {}) == ["not made yet"]


def test_digests_tell_apart(tmp_path: Path) -> None:
    assert digest("ab", "c") != digest("a", "bc")
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x", encoding="utf-8")
    two.write_text("y", encoding="utf-8")
    before = digest_of_files(tmp_path, [one, two])
    assert before == digest_of_files(tmp_path, [two, one])
    one.write_text("y", encoding="utf-8")
    two.write_text("x", encoding="utf-8")
    assert digest_of_files(tmp_path, [one, two]) != before
    assert digest_of_file(tmp_path / "three") == "absent"
