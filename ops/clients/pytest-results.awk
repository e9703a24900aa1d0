# The summary of `pytest -rA` as lines `test result`; folded skips become one line each.
$1 == "PASSED" { print name($2), "pass" }
($1 == "FAILED" || $1 == "ERROR") && $2 ~ /::/ { print name($2), "FAIL" }
$1 == "SKIPPED" { gsub(/[\[\]]/, "", $2); for (skip = 1; skip <= $2; skip++) print name($3) skip, "skip" }
$1 == "XFAIL" || $1 == "XPASS" { print name($2), "skip" }

function name(test) {
    sub(/^.*\//, "", test)
    return test
}
