"""A logger plugin for Snakemake: one line a job, errors in full. `make submission` uses it (`--logger concise`).

What it leaves out is in Snakemake's own log file under .snakemake/log, whose path ends the run.
"""

import sys
import time
from collections import Counter
from logging import LogRecord

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from assignment06.orchestration.snakemake_internals import CHATTER


class LogHandler(LogHandlerBase):
    """Show which job of how many begins, and all that is a warning, an error, or an answer to the user."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        common = self.common_settings
        self.terminal = ColorizingTextHandler(nocolor=common.nocolor, stream=sys.stderr)
        self.terminal.setFormatter(DefaultFormatter(common.quiet, common.show_failed_logs))
        self.terminal.addFilter(
            DefaultFilter(common.quiet, common.debug_dag, common.verbose, common.dryrun, common.printshellcmds)
        )
        self.begun: Counter[str] = Counter()
        self.total = 0

    def emit(self, record: LogRecord) -> None:
        """Write one record, in short where it only says that a job begins."""
        event = getattr(record, "event", None)
        if self.common_settings.dryrun or self.common_settings.verbose:
            self.terminal.handle(record)
        elif event == LogEvent.RUN_INFO:
            # `all` only collects; it is no work
            self.total = record.stats["total"] - record.stats.get("all", 0)
        elif event == LogEvent.JOB_INFO:
            if record.rule_name != "all":
                self.terminal.handle(self._plain(record, self._job_line(record)))
        elif event != LogEvent.JOB_STARTED and not (event is None and str(record.msg).startswith(CHATTER)):
            self.terminal.handle(record)

    def _job_line(self, record: LogRecord) -> str:
        job = " ".join([record.rule_name, *map(str, dict(record.wildcards).values())])
        self.begun[job] += 1
        again = f"  (attempt {self.begun[job]})" if self.begun[job] > 1 else ""
        width = len(str(self.total))
        return f"{time.strftime('%H:%M:%S')}  [{len(self.begun):>{width}}/{self.total}]  {job}{again}"

    @staticmethod
    def _plain(record: LogRecord, text: str) -> LogRecord:
        return LogRecord("concise", record.levelno, record.pathname, record.lineno, text, None, None)
