"""What is told of trainings, from the files that they leave; and a target that is gone."""

import subprocess
import sys
import threading

import pytest
from made_trainings import finish, followed, rows, under_way
from support import ROOT

from assignment06.config.check import check_config
from assignment06.orchestration import preflight
from assignment06.shared.errors import AssignmentError
from assignment06.tracking import beside
from assignment06.tracking.following import follow
from assignment06.tracking.trainings import Reader, epochs_of, identity_of


class Heard:
    """A target that keeps what it is told, and can be gone."""

    place, hint = "the target", ""

    def __init__(self) -> None:
        self.told, self.gone, self.closed = [], False, False

    def write(self, training) -> None:
        if self.gone:
            raise OSError("no answer")
        self.told.append((training.identity, len(training.rows), training.metrics is not None, sorted(training.files)))

    def close(self) -> None:
        self.closed = True


def test_a_training_is_the_same_one_under_way_and_finished(tmp_path) -> None:
    under_way(tmp_path, 2)
    _, before = epochs_of(tmp_path, "mnist")
    finish(tmp_path)
    path, after = epochs_of(tmp_path, "mnist")
    assert path.name == "mnist_history.csv"
    assert identity_of(before) == identity_of(after) != identity_of(rows(2, speed=1.26))


def test_damaged_and_half_written_files_are_no_epochs(tmp_path) -> None:
    assert epochs_of(tmp_path, "mnist") is None
    under_way(tmp_path, 2)
    state = tmp_path / "training/mnist.checkpoints/epoch-0002/state.json"
    state.write_text(state.read_text()[:100])
    assert epochs_of(tmp_path, "mnist") is None


def test_each_epoch_is_news_once_and_figures_come_with_files(tmp_path) -> None:
    reader, told = Reader(followed(tmp_path)), []
    assert list(reader.news()) == []
    for step in (1, 1, 2, "finished", "finished"):
        finish(tmp_path) if step == "finished" and not (tmp_path / "metrics").exists() else None
        if isinstance(step, int) and not (tmp_path / f"training/mnist.checkpoints/epoch-{step:04d}").exists():
            under_way(tmp_path, step)
        for one in reader.news():
            told.append((len(one.rows), one.metrics is not None, len(one.files)))
            reader.tell(one)
    assert told == [(1, False, 0), (2, False, 0), (4, True, 6)]
    (tmp_path / "plots/mnist_history.png").write_text("drawn later")
    assert [len(one.files) for one in reader.news()] == [7]


def test_what_another_configs_training_left_is_not_taken_for_todays(tmp_path) -> None:
    under_way(tmp_path, 2)
    reader = Reader(followed(tmp_path))
    assert list(reader.news()) == [], "of whatever settings: nobody goes on with it yet"
    under_way(tmp_path, 3)
    assert [len(one.rows) for one in reader.news()] == [3], "it goes on"
    finish(tmp_path, accuracy=0.5)
    facts = tmp_path / "training/mnist.json"
    facts.write_text(facts.read_text().replace('"ef', '"aa'))
    other = Reader(followed(tmp_path))
    assert list(other.news()) == [], "its metrics are another training's"
    finish(tmp_path, accuracy=0.5)
    assert [one.metrics.test.accuracy for one in Reader(followed(tmp_path)).news()] == [0.5], "metrics say of which"


def test_points_stand_at_their_epochs_and_times(tmp_path) -> None:
    finish(tmp_path)
    (one,) = Reader(followed(tmp_path)).news()
    points = {(point.name, point.epoch): point for point in one.points()}
    assert len(points) == len(one.points()) == 4 * 6 + 2
    assert points["test_accuracy", 3].value == 0.5
    between = points["loss", 4].time - points["loss", 3].time
    assert between == pytest.approx(float(one.rows[3]["seconds"]))


def test_a_target_that_is_gone_is_one_sentence_and_is_told_what_it_missed(tmp_path) -> None:
    reader, heard, said, ended = Reader(followed(tmp_path)), Heard(), [], threading.Event()
    heard.gone = True
    under_way(tmp_path, 1)
    follower = threading.Thread(
        target=lambda: follow(reader, heard, ended, said.append, pace=0.01, patience=0.01), daemon=True
    )
    follower.start()
    while not said:
        ended.wait(0.01)
    ended.wait(0.1)  # several tries
    under_way(tmp_path, 2)
    heard.gone = False
    while len(said) < 2:
        ended.wait(0.01)
    finish(tmp_path)
    ended.set()
    follower.join(10)
    assert [sentence.split(" (")[0] for sentence in said] == [
        "tracking: the target cannot be reached", "tracking: the target is back, and has what it missed.",
    ]  # fmt: skip
    assert [told[1:3] for told in heard.told if told[2]] == [(4, True)], "what was last is told too"
    assert heard.closed
    heard.gone = True
    assert not follow(Reader(followed(tmp_path)), heard, ended, said.append)
    assert said[-1].startswith("tracking: the target was not told everything (no answer). The results are whole;")


def test_a_missing_package_and_a_cloud_are_refused_before_the_first_job(monkeypatch) -> None:
    import yaml

    shipped = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    monkeypatch.setattr(preflight, "find_spec", lambda name: None)
    preflight.check_tracking(check_config(shipped), remote=True)
    asked = check_config({**shipped, "logging": "mlflow"})
    with pytest.raises(AssignmentError, match=r"`logging` in config.yaml is mlflow, which is not .* EXTRAS=mlflow`"):
        preflight.check_tracking(asked, remote=False)
    monkeypatch.setattr(preflight, "find_spec", lambda name: name)
    preflight.check_tracking(asked, remote=False)
    with pytest.raises(AssignmentError, match="a cloud's trainings cannot be followed from here"):
        preflight.check_tracking(asked, remote=True)
    with pytest.raises(AssignmentError, match="did you mean `mlflow`"):
        check_config({**shipped, "logging": "mlfow"})


def test_a_process_that_breaks_off_fails_no_run_and_is_one_sentence(monkeypatch) -> None:
    for code, broke_off in (("pass", False), ("raise SystemExit(3)", False), ("1 / 0", True)):
        process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        monkeypatch.setattr(beside, "_beside", [process])
        found = beside.end_tracking()
        assert ("it broke off" in (found or "")) == broke_off
