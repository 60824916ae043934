"""A logger plugin for Snakemake: one line a job, errors in full. `make submission` uses it (`--logger concise`).

What it leaves out is in Snakemake's own log file under .snakemake/log, whose path ends the run.
"""

import sys
import textwrap
import time
from collections import Counter
from logging import LogRecord

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from assignment06.orchestration.failures import told_in
from assignment06.orchestration.snakemake_internals import AFTER_FAILURE, CHATTER, FAILED_SCRIPT


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
        self.names: dict[int, str] = {}
        self.total = 0
        self.told = self.failed = False
        self.held: LogRecord | None = None

    def emit(self, record: LogRecord) -> None:
        """Write one record, in short where it only says that a job begins, would begin, or failed."""
        event, settings = getattr(record, "event", None), self.common_settings
        held, self.held = self.held, None
        if held and not (event == LogEvent.JOB_ERROR and told_in(record.log)):
            self.terminal.handle(held)
        if settings.verbose or (settings.dryrun and settings.printshellcmds):
            self.terminal.handle(record)
        elif event == LogEvent.RUN_INFO:
            self._plan(record)
        elif event == LogEvent.JOB_INFO:
            if record.rule_name != "all" and not settings.dryrun:
                self.terminal.handle(self._plain(record, self._job_line(record)))
        elif event == LogEvent.JOB_ERROR and told_in(record.log):
            self.failed = True
            job = self.names.get(record.jobid, record.rule_name)
            line = f"{time.strftime('%H:%M:%S')}  failed: {job} (why: in the last lines)"
            self.terminal.handle(self._plain(record, line))
        elif str(record.msg).startswith(FAILED_SCRIPT):
            self.held = record  # told by the job's own sentence, if it has one
        elif self.failed and str(record.msg).startswith(AFTER_FAILURE):
            pass  # the run's own last lines say it
        elif event != LogEvent.JOB_STARTED and not (event is None and str(record.msg).startswith(CHATTER)):
            self.terminal.handle(record)

    def close(self) -> None:
        """Write what was held back."""
        if self.held:
            self.terminal.handle(self.held)
        super().close()

    def _plan(self, record: LogRecord) -> None:
        """Say, in a dry run, what would run and how often."""
        self.total = record.stats["total"] - record.stats.get("all", 0)  # `all` only collects; it is no work
        if not self.common_settings.dryrun or self.told:
            return
        self.told = True
        counts = [f"{rule} ({count})" if count > 1 else rule for rule, count in record.stats.items()]
        jobs = ", ".join(one for one in counts if one.split(" ")[0] not in ("all", "total"))
        text = f"{self.total} jobs would run: {jobs}" if self.total else "Nothing is to be done."
        more = ["Each with its files and reasons: add -p. Nothing was run."] if self.total else []
        for line in [*textwrap.wrap(text, 110, subsequent_indent="  "), *more]:
            self.terminal.handle(self._plain(record, line))

    def _job_line(self, record: LogRecord) -> str:
        job = " ".join([record.rule_name, *map(str, dict(record.wildcards).values())])
        self.names[record.jobid] = job
        self.begun[job] += 1
        again = f"  (attempt {self.begun[job]})" if self.begun[job] > 1 else ""
        width = len(str(self.total))
        return f"{time.strftime('%H:%M:%S')}  [{len(self.begun):>{width}}/{self.total}]  {job}{again}"

    @staticmethod
    def _plain(record: LogRecord, text: str) -> LogRecord:
        return LogRecord("concise", record.levelno, record.pathname, record.lineno, text, None, None)
