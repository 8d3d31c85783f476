"""Each figure of a judgement in words: what is counted, and what the count says, on one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tocsin.evaluation.judgement import Judgement
from tocsin.evaluation.pages._report_words import duration


@dataclass(frozen=True)
class Line:
    """One figure.

    Parameters
    ----------
    figure
        Its name in :meth:`tocsin.evaluation.judgement.Judgement.flat`.
    title
        What people call it.
    value
        As text; "–" where there is none.
    interval
        Its 95 % interval as text, or "".
    meaning
        What it says, in plain words.
    """

    figure: str
    title: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True)
class Group:
    """Figures that judge the same thing.

    Parameters
    ----------
    title, remark
        What is judged, and how to read it.
    lines
        The figures.
    """

    title: str
    remark: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Entry:
    figure: str
    title: str
    meaning: str
    digits: int = 3


_ALARMS = (
    _Entry("event_recall", "event recall", "told in an alarm: {events_caught} of {events} labelled events"),
    _Entry("event_precision", "event precision", "{true_alarms} of {alarms} alarms touch a labelled event"),
    _Entry("event_f1", "event F1", "both in one; read it with the share under alarm"),
    _Entry("false_alarms_per_day", "false alarms a day", "alarms that touch nothing labelled, all devices", 2),
    _Entry("delay_readings", "delay, readings", "from an event's start to its alarm, median{delay_time}", 1),
    _Entry("alarm_share", "share under alarm", "of readings; an endless alarm catches every event"),
)
_FLAGS = (
    _Entry("precision", "precision", "of {flagged} flagged readings, {true_positives} are labelled"),
    _Entry("recall", "recall", "of {labelled} labelled readings, {true_positives} are flagged"),
    _Entry("f1", "F1", "both in one; flagging everything reaches {chance_f1_all_ones}"),
    _Entry(
        "false_positive_rate", "false-positive rate", "of {normal} normal readings, {false_positives} are flagged", 4
    ),
    _Entry("false_negative_rate", "false-negative rate", "of {labelled} labelled readings, {false_negatives} are not"),
    _Entry("accuracy", "accuracy", "judged right; flagging nothing reaches {quiet_accuracy}"),
    _Entry("range_precision", "range precision", "how much of each flagged stretch is labelled"),
    _Entry("range_recall", "range recall", "how much of each event is flagged, in one piece"),
    _Entry("range_f1", "range F1", "both in one (Tatbul et al. 2018)"),
)
_SCORE = (
    _Entry("vus_pr", "VUS-PR", "AUC-PR, {vus_window} readings forgiven; chance is {chance_vus_pr}"),
    _Entry("vus_roc", "VUS-ROC", "ROC-AUC that forgives as much; chance is some .5"),
    _Entry("auc_pr", "AUC-PR", "mean precision over all limits; chance is {base_rate_text}"),
    _Entry("roc_auc", "ROC-AUC", "labelled reading above a normal one; chance is .5"),
)
_FLATTERING = (
    _Entry("affiliation_f1", "affiliation F1", "nearness in time; random flags reach {chance_affiliation_f1}"),
    _Entry(
        "point_adjusted_f1_inflated",
        "point-adjusted F1, inflated",
        "one hit fills an event; random flags reach {chance_point_adjusted_f1_inflated}",
    ),
)

_GROUPS = (
    ("Alarms", "what people hear: runs of readings that the alarm policy told", _ALARMS),
    ("Flags", "reading by reading: is the score above the limit?", _FLAGS),
    ("Score", "without any limit: how well scores alone put labelled readings first", _SCORE),
    ("Flattering", "seen in papers; nothing but what exceeds chance means anything", _FLATTERING),
)


def explained(judgement: Judgement, *, policy: bool = True) -> tuple[Group, ...]:
    """Return the figures in groups; those that nobody can know are left out.

    Parameters
    ----------
    judgement
        What was found.
    policy
        Did an alarm policy tell the alarms? Otherwise each run of flagged readings is one, and the remark says so.
    """
    figures, words = judgement.flat(), _words(judgement)
    groups = []
    for title, remark, entries in _GROUPS:
        lines = tuple(_line(entry, judgement, words) for entry in entries if _known(entry.figure, judgement, figures))
        plain = (
            "each run of flagged readings is one, since no policy told any"
            if title == "Alarms" and not policy
            else remark
        )
        if lines:
            groups.append(Group(title, plain, lines))
    return tuple(groups)


def title_of(figure: str) -> str:
    """Return what people call a figure.

    >>> title_of("vus_pr"), title_of("fit_s")
    ('VUS-PR', 'fit s')
    """
    return next((e.title for _, _, entries in _GROUPS for e in entries if e.figure == figure), figure.replace("_", " "))


def _known(figure: str, judgement: Judgement, figures: Mapping[str, float | int | None]) -> bool:
    """A figure that is undefined is shown as such; one that needs what is not there is not."""
    if figure in ("false_alarms_per_day", *_score_names()):
        return figures[figure] is not None
    return judgement.points is not None


def _score_names() -> tuple[str, ...]:
    return tuple(entry.figure for entry in _SCORE)


def _line(entry: _Entry, judgement: Judgement, words: Mapping[str, str]) -> Line:
    value, interval = judgement.flat()[entry.figure], judgement.intervals.get(entry.figure)
    return Line(
        entry.figure,
        entry.title,
        "–" if value is None else f"{value:.{entry.digits}f}",
        "" if interval is None else f"{interval.low:.{entry.digits}f}–{interval.high:.{entry.digits}f}",
        entry.meaning.format_map(words),
    )


def _words(judgement: Judgement) -> dict[str, str]:
    """Return what the meanings speak of, as text."""
    found = {name: f"{value:,}" if isinstance(value, int) else "–" for name, value in judgement.flat().items()}
    points, alarms = judgement.points, judgement.alarms
    normal = judgement.scored - judgement.labelled
    return found | {
        "normal": f"{normal:,}",
        "flagged": "–" if points is None else f"{points.tp + points.fp:,}",
        "true_alarms": "–" if alarms is None else f"{alarms.alarms - alarms.false_alarms:,}",
        "delay_time": _delay(judgement),
        "base_rate_text": _share(judgement.base_rate),
        "quiet_accuracy": _share(normal / judgement.scored if judgement.scored else None),
        **{f"chance_{name}": _share(value) for name, value in judgement.chance.items()},
    }


def _delay(judgement: Judgement) -> str:
    seconds = None if judgement.alarms is None else judgement.alarms.median_delay_s
    if seconds is None:
        return ""
    return f": {duration(round(seconds * 1e9))}" if seconds > 0 else ": at once"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
