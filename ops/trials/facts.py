"""Counts what a trial found to be so, and tells what is not."""

checked, failed = 0, 0


def check(title, found, expected):
    """Counts a comparison, and prints it if it fails."""
    global checked, failed
    checked += 1
    if found != expected:
        failed += 1
        print(f"  {title}: {found!r}, expected {expected!r}", flush=True)


def confirm(fact, is_right, seen=None):
    """Counts and prints a fact, with what was seen instead if it is wrong."""
    global checked, failed
    checked += 1
    print(f"  {'ok' if is_right else 'WRONG'}: {fact}", flush=True)
    if not is_right:
        failed += 1
        print(f"     seen: {seen}")


def summary(what):
    """Prints how many facts are right, and returns the exit code."""
    print(f"{what}: {checked - failed} passed, {failed} failed")
    return 1 if failed else 0
