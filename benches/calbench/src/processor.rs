//! The CPU time of a process on Linux.

/// The constant `USER_HZ` of the kernel's interface. It is 100 on every machine, whatever the
/// kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the CPU time in seconds, user and system, of a process with all threads; `None` on
/// systems without `/proc`.
pub(crate) fn seconds(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let ticks = ticks(&stat)?;
    #[expect(clippy::cast_precision_loss, reason = "a count of ticks stays far below 2^52")]
    Some(ticks as f64 / TICKS_PER_SECOND)
}

/// Returns the sum of the fields 14 and 15 of `/proc/PID/stat`. The second field, the name, may
/// contain spaces and parentheses, so the fields are counted after the last parenthesis.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_does_not_move_the_fields() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 17 5 0 0 20 0";
        assert_eq!(ticks(stat), Some(22));
    }
}
