"""A Spark session for tests, where there is one: `python run.py test --spark` prepares it; else the reason to skip."""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def missing() -> str:
    """Why there is no Spark here; empty where there is."""
    if os.environ.get("LLO_TEST_SPARK") != "1":
        return "Spark is asked for by: python run.py test --spark"
    if find_spec("pyspark") is None:
        return "pyspark is not installed"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "there is no Java (17 or newer)"
    return ""


@cache
def session() -> Any:
    """One session for all tests, on two threads."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    build = SparkSession.builder.master("local[2]").appName("llo_research tests")
    for name, value in {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.session.timeZone": "UTC",
        "spark.log.level": "ERROR",
    }.items():
        build = build.config(name, value)
    return build.getOrCreate()


def of_files(folder: Path, partitions: int) -> Any:
    """Parquet files as a Spark DataFrame of some partitions, its rows in another order."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    return session().read.parquet(str(folder)).repartition(partitions)
