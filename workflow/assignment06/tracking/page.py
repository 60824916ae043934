"""The live page: what runs, what is to come, and each training's curves so far."""

import time
from collections import Counter
from pathlib import Path

from assignment06.report.pictures import STYLE, templates
from assignment06.shared.wording import duration
from assignment06.tracking.journal import BEGUN, DONE, FAILED, FILE, Run, read_run
from assignment06.tracking.trainings import Row, epochs_of, metrics_of

HERE = Path(__file__).parent
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 320, 150, 48, 8, 8, 22  # of a chart, in its own units
CURVES = {"training": "", "validation": "val_"}
QUANTITIES = ("accuracy", "loss")


def whole_page(journal: Path = FILE) -> str:
    """Return the page as HTML that asks for nothing but `/now`, every two seconds."""
    style = STYLE.read_text(encoding="utf-8") + (HERE / "watch.css").read_text(encoding="utf-8")
    script = (HERE / "watch.js").read_text(encoding="utf-8")
    return templates(HERE).get_template("watch.html.j2").render(style=style, script=script, now=now(journal))


def now(journal: Path = FILE) -> str:
    """Return the part of the page that changes: the jobs and the curves of the latest run, as HTML."""
    run = read_run(journal)
    page = templates(HERE).get_template("now.html.j2")
    if run is None:
        return page.render(run=None)
    jobs = {state: [job for job in run.jobs if job.state == state] for state in (BEGUN, DONE, FAILED, "")}
    running = [] if run.ended else [(job.name, duration(time.time() - job.since)) for job in jobs[BEGUN]]
    to_come = Counter(job.name.split(" ")[0] for job in jobs[""])
    found = [_experiment(run, name, row) for name, row in run.experiments.items()]
    return page.render(
        run=run, total=len(run.jobs), done=len(jobs[DONE]), running=running, to_come=sorted(to_come.items()),
        failed=[job.name for job in jobs[FAILED]], experiments=[one for one in found if one["epochs"]],
        waiting=[one["title"] for one in found if not one["epochs"]],
    )  # fmt: skip


def _experiment(run: Run, name: str, row: dict) -> dict:
    found = epochs_of(run.results, name)
    title = row["title"] or name
    if not found:
        return {"title": title, "epochs": 0}
    path, rows = found
    finished = path.suffix == ".csv"
    left = sum(float(one["seconds"]) for one in rows) / len(rows) * (row["epochs"] - len(rows))
    best = max(rows, key=lambda one: float(one["val_accuracy"]))
    metrics = metrics_of(run.results, name) if finished else None
    return {
        "title": title,
        "epochs": len(rows),
        "of": row["epochs"],
        "finished": finished,
        "left": duration(left),
        "best": f"{float(best['val_accuracy']):.2%}",
        "best_epoch": best["epoch"],
        "test": f"{metrics.test.accuracy:.2%}" if metrics else "",
        "charts": [chart(rows, quantity, len(rows) if finished else row["epochs"]) for quantity in QUANTITIES],
    }


def chart(rows: list[Row], quantity: str, epochs: int) -> dict:
    """Return what a drawing of one quantity over `epochs` epochs needs: lines, numbers at the axes, words for it."""
    values = {name: [float(row[prefix + quantity]) for row in rows] for name, prefix in CURVES.items()}
    every = [value for line in values.values() for value in line]
    low, high = min(every), max(every)
    room = (high - low) or abs(high) or 1.0
    form = "{:.1%}" if quantity == "accuracy" else "{:.3f}"

    def place(epoch: int, value: float) -> tuple[float, float]:
        across = (epoch - 1) / max(epochs - 1, 1)
        up = (value - low) / room
        return (
            round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1),
        )

    lines = {
        name: [place(int(row["epoch"]), value) for row, value in zip(rows, line, strict=True)]
        for name, line in values.items()
    }
    last = ", ".join(f"{name} {form.format(line[-1])}" for name, line in values.items())
    return {
        "quantity": quantity, "lines": lines, "low": form.format(low), "high": form.format(high), "epochs": epochs,
        "words": f"{quantity} after epoch {len(rows)}: {last}", "width": WIDTH, "height": HEIGHT, "left": LEFT,
        "right": WIDTH - RIGHT, "top": TOP, "bottom": HEIGHT - BOTTOM,
    }  # fmt: skip
