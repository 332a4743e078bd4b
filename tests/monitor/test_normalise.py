"""Proves that what two runs of a notebook may have different does not reach its file, and all else does."""

from __future__ import annotations

import copy
from typing import Any

import nbformat

from llo_research.monitor.notebooks.normalise import normalised, to_text

RAN: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "a1b2", "metadata": {"collapsed": True}, "source": ["# Title\n", "text"]},
        {
            "cell_type": "code",
            "id": "c3d4",
            "execution_count": 1,
            "metadata": {"tags": ["finding"], "execution": {"iopub.execute_input": "2026-01-01T00:00:00"}},
            "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "name": "stderr", "text": "warned\n"},
                {"output_type": "stream", "name": "stdout", "text": "one\n"},
                {"output_type": "stream", "name": "stdout", "text": "two\n"},
                {
                    "output_type": "display_data",
                    "data": {"image/png": "aGVsbG8=\n", "text/plain": "a\nb"},
                    "metadata": {"image/png": {"alt": "Dots"}},
                    "transient": {"display_id": "f00"},
                },
                {"output_type": "stream", "name": "stdout", "text": "three\n"},
            ],
        },
        {"cell_type": "code", "id": "e5", "metadata": {}, "execution_count": None, "source": "  \n", "outputs": []},
    ],
    "metadata": {"kernelspec": {"name": "my-env"}, "language_info": {"version": "3.12.1"}, "llo": {"x": 1}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_what_differs_between_runs_is_gone() -> None:
    other = copy.deepcopy(RAN)
    other["cells"][0]["id"] = "zz"
    other["cells"][1]["metadata"]["execution"] = {"iopub.execute_input": "2027-02-02T00:00:00"}
    other["cells"][1]["outputs"][3]["transient"] = {"display_id": "bar"}
    first, second, third, *rest = other["cells"][1]["outputs"]
    other["cells"][1]["outputs"] = [second, first, third, *rest]
    other["metadata"]["language_info"] = {"version": "3.13.0"}
    other["metadata"]["kernelspec"] = {"name": "python3"}
    assert to_text(normalised(other)) == to_text(normalised(RAN))


def test_what_a_reader_sees_stays() -> None:
    result = normalised(RAN)
    assert result["metadata"]["llo"] == {"x": 1}
    assert result["metadata"]["kernelspec"]["name"] == "python3"
    assert len(result["cells"]) == 2, "an empty code cell is left out"
    code = result["cells"][1]
    assert code["metadata"] == {"tags": ["finding"]}
    stdout, stderr, shown, later = code["outputs"]
    assert (stdout["text"], stderr["text"], later["text"]) == (["one\n", "two\n"], ["warned\n"], ["three\n"])
    assert shown["metadata"] == {"image/png": {"alt": "Dots"}}
    assert shown["data"] == {"image/png": "aGVsbG8=\n", "text/plain": ["a\n", "b"]}


def test_it_is_a_valid_notebook_that_nbformat_writes_the_same() -> None:
    text = to_text(normalised(RAN))
    node = nbformat.reads(text, as_version=4)
    nbformat.validate(node)
    assert nbformat.writes(node) + "\n" == text
    assert to_text(normalised(normalised(RAN))) == text


def test_another_output_is_another_file() -> None:
    other = copy.deepcopy(RAN)
    other["cells"][1]["outputs"][1]["text"] = "uno\n"
    assert to_text(normalised(other)) != to_text(normalised(RAN))
