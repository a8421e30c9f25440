"""A month that never happened: a site with doors, cameras, people, tills, sensors and a panel, as its devices tell it.

month = simulate_month(MonthRequest(days=28, seed=1)); month.tellings, month.truth; write_month(month, folder)

The truth is written by the script that makes things happen (`incidents.py`), never by anything that reads events.
"""

from custos.simulate.month.month import RAW_ALARMS, Month, MonthRequest, is_raw_alarm, simulate_month
from custos.simulate.month.telling import Telling, Truth
from custos.simulate.month.writing import write_month

__all__ = [
    "RAW_ALARMS",
    "Month",
    "MonthRequest",
    "Telling",
    "Truth",
    "is_raw_alarm",
    "simulate_month",
    "write_month",
]
