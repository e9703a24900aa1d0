"""Counts what a trial found to be so, and tells what is not."""

checked, failed = 0, 0


def check(title, found, expected):
    global checked, failed
    checked += 1
    if found != expected:
        failed += 1
        print(f"  {title}: {found!r}, expected {expected!r}", flush=True)
