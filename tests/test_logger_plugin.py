"""One line a job on the terminal; warnings, errors and answers in full."""

import logging
import re
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_logger_plugin_concise import LogHandler

from assignment06.orchestration.snakemake_internals import CHATTER

SETTINGS = {
    "printshellcmds": False, "nocolor": True, "quiet": None, "debug_dag": False, "verbose": False,
    "show_failed_logs": False, "stdout": False, "dryrun": False,
}  # fmt: skip


def record(text: str = "", level: int = logging.INFO, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, __file__, 1, text, None, None)
    made.__dict__.update(more)
    return made


def job(rule: str, **wildcards: str) -> logging.LogRecord:
    return record(
        event=LogEvent.JOB_INFO, rule_name=rule, wildcards=wildcards, jobid=1, local=False, input=[], output=[], log=[],
        benchmark=None, rule_msg=None, reason="", resources={}, threads=1, priority=0, checkpoint=False, indent=False,
        is_checkpoint=False, is_handover=False, level="info", name=rule, shellcmd=None,
    )  # fmt: skip


def handler(**settings: object) -> LogHandler:
    return LogHandler(SimpleNamespace(**SETTINGS | settings), None)


def shown(capsys, *records: logging.LogRecord, **settings: object) -> list[str]:
    one = handler(**settings)
    for each in records:
        one.emit(each)
    return capsys.readouterr().err.splitlines()


def run_info(**stats: int) -> logging.LogRecord:
    return record(event=LogEvent.RUN_INFO, stats={**stats, "total": sum(stats.values())})


def test_snakemake_finds_the_plugin() -> None:
    assert LoggerPluginRegistry().is_installed("concise")
    assert handler().writes_to_stream and not handler().writes_to_file


def test_a_job_is_one_line_with_its_number_of_all(capsys) -> None:
    lines = shown(
        capsys, run_info(train_convnet=9, write_report=1, all=1), job("train_convnet", experiment="mnist"),
        job("write_report"), job("all"),
    )  # fmt: skip
    assert len(lines) == 2, "`all` is no work"
    assert re.fullmatch(r"\d\d:\d\d:\d\d  \[ 1/10\]  train_convnet mnist", lines[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d  \[ 2/10\]  write_report", lines[1])


def test_a_job_that_is_tried_again_is_the_same_job(capsys) -> None:
    again = job("classify_shard", scatteritem="1-of-2")
    lines = shown(capsys, run_info(classify_shard=2), again, again, job("classify_shard", scatteritem="2-of-2"))
    assert [line[10:] for line in lines] == [
        "[1/2]  classify_shard 1-of-2", "[1/2]  classify_shard 1-of-2  (attempt 2)", "[2/2]  classify_shard 2-of-2",
    ]  # fmt: skip


@pytest.mark.parametrize("message", CHATTER)
def test_chatter_is_left_out_and_shown_where_all_is_wanted(capsys, message) -> None:
    assert shown(capsys, record(f"{message} and more")) == []
    assert shown(capsys, record(f"{message} and more"), verbose=True) == f"{message} and more".split("\n")


def test_warnings_errors_and_answers_are_shown_in_full(capsys) -> None:
    texts = [
        "Nothing to be done (all requested files are present and up to date).", "A warning about Building DAG of jobs",
        "Directory cannot be locked",
    ]  # fmt: skip
    levels = [logging.INFO, logging.WARNING, logging.ERROR]
    assert shown(capsys, *map(record, texts, levels)) == texts
    assert shown(capsys, record(event=LogEvent.JOB_STARTED, job_ids=[1])) == []


def test_a_dry_run_is_short_and_with_p_snakemakes_own(capsys) -> None:
    records = [run_info(train_convnet=2, write_report=1, all=1), job("train_convnet", experiment="mnist")]
    lines = shown(capsys, *records, records[0], dryrun=True)
    assert lines[0] == "3 jobs would run: train_convnet (2), write_report"
    assert len(lines) == 2 and "Nothing was run" in lines[1], "said once, though Snakemake says it twice"
    assert shown(capsys, run_info(), dryrun=True) == ["Nothing is to be done."]
    text = "\n".join(shown(capsys, *records, dryrun=True, printshellcmds=True))
    assert "rule train_convnet:" in text and "wildcards: experiment=mnist" in text
    assert "would run" not in text


@pytest.mark.parametrize(("log", "told"), [("error: The disk is full: make room.\n", True), ("", False)])
def test_a_failed_job_is_one_line_where_its_log_says_why(capsys, tmp_path, log: str, told: bool) -> None:
    (tmp_path / "job.log").write_text(log)
    why = record("RuleException:\nCalledProcessError in file x, line 1", logging.ERROR)
    error = record(
        level=logging.ERROR, event=LogEvent.JOB_ERROR, rule_name="write_report", jobid=1, rule_msg=None, input=[],
        output=[], log=[str(tmp_path / "job.log")], conda_env=None, aux={}, shellcmd=None, indent=False, name="x",
        container_img=None,
    )  # fmt: skip
    after = record("Exiting because a job execution failed. Look above for error messages", logging.ERROR)
    lines = shown(capsys, run_info(write_report=1), job("write_report"), why, error, after)
    if told:
        assert len(lines) == 2
        assert re.fullmatch(r"\d\d:\d\d:\d\d  failed: write_report \(why: in the last lines\)", lines[1])
    else:
        assert {"RuleException:", after.msg} <= set(lines), "without a sentence, Snakemake's own words"
        assert any("Error in rule write_report" in line for line in lines)


def test_what_was_held_back_is_shown_at_the_end(capsys) -> None:
    one = handler()
    one.emit(record("RuleException:\nCalledProcessError in file x, line 1", logging.ERROR))
    assert capsys.readouterr().err == ""
    one.close()
    assert "CalledProcessError in file x" in capsys.readouterr().err
