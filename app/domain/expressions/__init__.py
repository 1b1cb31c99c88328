"""JMESPath expressions of tenants: parsed, bounded and metered.

An expression runs on the server where others' events wait, so what it may cost is bounded three
times: its text when it is saved (`syntax`), its work when it runs (`meter`), and the process that
runs it unless it is provably cheap (`bounds`, app/runtime/sandbox/pool.py).
"""
