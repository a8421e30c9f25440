"""`custos bench ...`: how much this machine carries.

footage.py   what the cameras of a benchmark show
running.py   a real worker with so many cameras, measured from outside
report.py    table, JSON and plot
"""
