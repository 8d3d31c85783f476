"""What columns are usually called: the vocabulary from which roles are guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TIMES = frozenset(
    _words(
        "time times timestamp timestamps time_stamp datetime date_time date ts utc utc_time local_time created_at "
        "elapsed recorded_at measured_at event_time epoch unix unix_time unixtime epoch_time datum zeit zeitstempel "
        "datum_zeit"
    )
)
_TIME_WITH_UNIT = re.compile(r"(time|timestamp|ts|epoch|unix|unix_time|elapsed)(_time)?_(s|sec|seconds|ms|us|ns|utc)")

DEVICES = frozenset(
    _words(
        "device device_id deviceid device_name sensor_id sensorid sensor_name mote mote_id moteid node node_id nodeid "
        "machine machine_id machineid machine_name asset asset_id asset_name unit_id unit_number equipment "
        "equipment_id station station_id host hostname meter meter_id pump pump_id"
    )
)

LABELS = _words(
    "label labels is_anomaly anomaly anomalies anomalous is_anomalous outlier is_outlier attack is_attack fault "
    "is_fault failure is_failure machine_failure target y class"
)
"""Names of label columns, the most telling first."""

MEASURABLE_LABELS = frozenset({"target", "y"})
"""Names of labels that are channels where their values are not those of a label."""

EVENTS = frozenset(_words("changepoint change_point event events event_size event_kind event_type event_id"))
LABEL_KINDS = frozenset(
    _words(
        "attack_type attack_cat attack_category failure_type failure_mode fault_type fault_mode anomaly_type "
        "anomaly_kind twf hdf pwf osf rnf"
    )
)
"""Names of columns that say of which kind an anomaly is; the short ones are the failure modes of milling machines."""

STATES = frozenset(_words("occupancy occupied presence state mode regime season weekday weekend holiday shift"))

IDENTIFIERS = frozenset(_words("id uid udi uuid guid serial serial_number record_id row_id index"))
ROW_NUMBERS = frozenset(
    _words("no nr number num # row rownum row_number record reading reading# index idx id udi seq sequence n column_1")
)

CHANNEL_NAMES = frozenset(
    _words(
        "channel channel_name metric metric_name variable parameter measure measurement sensor sensor_name sensor_type "
        "signal signal_name tag tag_name tagname field quantity"
    )
)
CHANNEL_VALUES = frozenset(_words("value val values reading measurement data_value metric_value"))
CHANNEL_UNITS = frozenset({"unit", "units", "uom"})


def plain(name: str) -> str:
    """Return a column's name as the vocabulary spells it.

    >>> plain("Mote-ID"), plain(" isAnomaly "), plain("Reading#"), plain("Machine failure")
    ('mote_id', 'is_anomaly', 'reading#', 'machine_failure')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^\w#%]+|_+", "_", apart.lower()).strip("_")


def names_time(name: str) -> bool:
    """Tell whether this is what a time column is called."""
    spelled = plain(name)
    return spelled in TIMES or _TIME_WITH_UNIT.fullmatch(spelled) is not None or spelled.endswith("_timestamp")


def names_identifier(name: str) -> bool:
    """Tell whether this is what a column of identifiers is called."""
    return plain(name) in IDENTIFIERS or plain(name).endswith(("_id", "_uuid", "_guid"))


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint at names that resemble ``name``, or "".

    >>> nearest("temprature", ["temperature", "humidity"])
    "Did you mean 'temperature'?"
    """
    by_plain = {plain(other): other for other in names}
    close = get_close_matches(plain(name), by_plain, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(repr(by_plain[other]) for other in close)}?" if close else ""
