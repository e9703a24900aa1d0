//! A rule as it runs from a given DTSTART: what the rule leaves to DTSTART is made explicit, so that it can be entered anywhere.
//!
//! **Invariant:** *periods* are the rule's unit times its interval, counted from the one DTSTART is in. Those of a day or longer
//! are cut by the civil calendar; finer ones are steps of exact time, so that a gap repeats none and a fold hides none.

use super::calendar::{WEEK_DAYS, Week, first_week, next_month, week_begin};
use super::clock::{Clock, Form, Mark};
use super::days::DayFilter;
use crate::rule::{End, Frequency, Rule};
use crate::time::{DAY, LAST_CIVIL, civil, day, day_number, local};
use crate::value::DateTime;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

const HOUR: i64 = 3600;
const MINUTE: i64 = 60;
const YEAR_MONTHS: i64 = 12;

#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(super) frequency: Frequency,
    interval: i64,
    week_start: Weekday,
    pub(super) start: Mark,
    start_local: NaiveDateTime,
    days: DayFilter,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    positions: Vec<i32>,
    /// No instance is behind it.
    pub(super) until: Mark,
    /// How many instances there are, DTSTART among them.
    pub(super) count: Option<u32>,
}

/// One time the rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) mark: Mark,
    pub(crate) local: NaiveDateTime,
}

impl Pattern {
    pub(crate) fn new(rule: &Rule, start: NaiveDateTime, clock: &Clock) -> Self {
        let mut pattern = Self {
            frequency: rule.frequency,
            interval: i64::from(rule.interval),
            week_start: rule.week_start,
            start: clock.mark(start),
            start_local: start,
            days: DayFilter::new(rule, start.date()),
            hours: rule.by_hour.clone(),
            minutes: rule.by_minute.clone(),
            seconds: rule.by_second.clone(),
            positions: rule.by_set_pos.clone(),
            until: Mark::MAX,
            count: None,
        };
        match &rule.end {
            End::Never => {}
            End::Count(count) => pattern.count = Some(*count),
            End::Until(until) => pattern.until = until_mark(until, clock),
        }
        if clock.form == Form::Date {
            // RFC 5545 §3.3.10: what is finer than a day MUST be ignored where DTSTART is a DATE.
            (pattern.hours, pattern.minutes, pattern.seconds) = (vec![], vec![], vec![]);
            if pattern.is_sub_daily() {
                // Nor is there an hour of a day to step to.
                (pattern.interval, pattern.frequency) = ((pattern.step() / DAY).max(1), Frequency::Daily);
            }
        }
        if pattern.frequency >= Frequency::Daily {
            pattern.take_time_of_start(start);
        }
        pattern
    }

    fn take_time_of_start(&mut self, start: NaiveDateTime) {
        for (list, number) in
            [(&mut self.hours, start.hour()), (&mut self.minutes, start.minute()), (&mut self.seconds, start.second())]
        {
            if list.is_empty() {
                list.push(number);
            }
        }
    }

    pub(super) fn is_sub_daily(&self) -> bool {
        self.frequency < Frequency::Daily
    }

    /// Whether the rule gives its DTSTART by itself.
    pub(super) fn gives_its_start(&self, clock: &Clock) -> bool {
        let mut room = Room::default();
        if self.is_sub_daily() {
            self.fill_step(self.start, clock, &mut room);
        } else if let Some(days) = self.period(0) {
            self.fill_days(days, clock, &mut room, usize::MAX);
        }
        room.slots.iter().any(|slot| slot.mark == self.start)
    }

    /// The same, but a COUNT does not count DTSTART.
    pub(super) fn with_one_more(mut self) -> Self {
        self.count = self.count.map(|count| count.saturating_add(1));
        self
    }

    /// The seconds of one period that is a step of exact time.
    pub(super) fn step(&self) -> i64 {
        let unit = match self.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => MINUTE,
            Frequency::Hourly => HOUR,
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => DAY,
        };
        self.interval.saturating_mul(unit)
    }

    /// The last period that begins at or before that local time; the first one is 0.
    pub(super) fn period_at(&self, time: NaiveDateTime) -> i64 {
        let start = self.start_local.date();
        let units = match self.frequency {
            Frequency::Yearly => i64::from(self.year(time.date())) - i64::from(self.year(start)),
            Frequency::Monthly => month_number(time.date()) - month_number(start),
            Frequency::Weekly => (self.week(time.date()) - self.week(start)).div_euclid(WEEK_DAYS),
            Frequency::Daily => day_number(time.date()) - day_number(start),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                return (civil(time) - civil(self.start_local)).div_euclid(self.step()).max(0);
            }
        };
        units.div_euclid(self.interval).max(0)
    }

    fn year(&self, date: NaiveDate) -> i32 {
        if self.days.has_weeks() { Week::of(date, self.week_start).year } else { date.year() }
    }

    fn week(&self, date: NaiveDate) -> i64 {
        day_number(week_begin(date, self.week_start))
    }

    /// The days of a period, from and before; nothing behind the year 9999.
    pub(super) fn period(&self, number: i64) -> Option<(NaiveDate, NaiveDate)> {
        let start = self.start_local.date();
        let units = number.checked_mul(self.interval)?;
        let from = match self.frequency {
            Frequency::Yearly => {
                let year = i32::try_from(i64::from(self.year(start)).checked_add(units)?).ok()?;
                return self.year_span(year);
            }
            Frequency::Monthly => {
                let months = month_number(start).checked_add(units)?;
                let year = i32::try_from(months.div_euclid(YEAR_MONTHS)).ok().filter(|year| *year <= 9999)?;
                let month = u32::try_from(months.rem_euclid(YEAR_MONTHS)).ok()? + 1;
                let from = NaiveDate::from_ymd_opt(year, month, 1)?;
                return Some((from, next_month(from)?));
            }
            Frequency::Weekly => self.week(start).checked_add(units.checked_mul(WEEK_DAYS)?)?,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                day_number(start).checked_add(units)?
            }
        };
        let days = if self.frequency == Frequency::Weekly { WEEK_DAYS } else { 1 };
        (from <= LAST_CIVIL / DAY - days).then(|| (day(from), day(from + days)))
    }

    fn year_span(&self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        if year > 9998 {
            return None;
        }
        if self.days.has_weeks() {
            return Some((first_week(year, self.week_start)?, first_week(year + 1, self.week_start)?));
        }
        Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?))
    }

    /// The slots of the days of one period, in order; how many were made before BYSETPOS, no more days than there is budget for.
    pub(super) fn fill_days(
        &self,
        (from, end): (NaiveDate, NaiveDate),
        clock: &Clock,
        room: &mut Room,
        budget: usize,
    ) -> usize {
        room.days.clear();
        self.days.admitted(from, end, &mut room.days);
        for day in &room.days {
            if room.slots.len() > budget {
                break;
            }
            for hour in &self.hours {
                for minute in &self.minutes {
                    for second in &self.seconds {
                        let time = NaiveTime::from_hms_opt(*hour, *minute, *second).unwrap_or_default();
                        let local = day.and_time(time);
                        room.slots.push(Slot { mark: clock.mark(local), local });
                    }
                }
            }
        }
        let made = room.slots.len();
        self.choose(&mut room.slots);
        made
    }

    /// How many slots a period has, without making them.
    pub(super) fn count_slots(&self, (from, end): (NaiveDate, NaiveDate), room: &mut Room) -> usize {
        room.days.clear();
        self.days.admitted(from, end, &mut room.days);
        let slots = room.days.len() * self.hours.len() * self.minutes.len() * self.seconds.len();
        if self.positions.is_empty() {
            return slots;
        }
        let len = i64::try_from(slots).unwrap_or(i64::MAX);
        let from_start = self.positions.iter().map(|position| i64::from(*position));
        let places = from_start.map(|position| if position < 0 { len + 1 + position } else { position });
        let mut places: Vec<_> = places.filter(|place| (1..=len).contains(place)).collect();
        places.sort_unstable();
        places.dedup();
        places.len()
    }

    /// A mark not far before the last one of a COUNT, where every period has as many slots.
    pub(super) fn mark_near_end(&self, clock: &Clock) -> Option<Mark> {
        let period = (i64::from(self.count?) / self.slots_a_period()?.max(1) - 2).max(0);
        if self.is_sub_daily() {
            return period.checked_mul(self.step())?.checked_add(self.start);
        }
        Some(clock.mark(self.period(period)?.0.into()))
    }

    /// The slots of one step of exact time, or where to look next: the first mark that may be admitted.
    pub(super) fn fill_step(&self, mark: Mark, clock: &Clock, room: &mut Room) -> Option<Mark> {
        let local = clock.local(mark);
        let time = local.time();
        let into_hour = i64::from(time.minute()) * MINUTE + i64::from(time.second());
        if !self.days.admits(local.date()) {
            return local.date().succ_opt().map(|next| clock.mark(next.into()).max(mark + 1));
        }
        let limits = |list: &[u32], number: u32| !list.is_empty() && !list.contains(&number);
        if limits(&self.hours, time.hour()) {
            return Some(mark + HOUR - into_hour);
        }
        if self.frequency < Frequency::Hourly && limits(&self.minutes, time.minute()) {
            return Some(mark + MINUTE - i64::from(time.second()));
        }
        if self.frequency < Frequency::Minutely && limits(&self.seconds, time.second()) {
            return Some(mark + 1);
        }
        let one = |list: &[u32], own: u32, expands: bool| {
            if expands && !list.is_empty() { list.to_vec() } else { vec![own] }
        };
        for minute in one(&self.minutes, time.minute(), self.frequency == Frequency::Hourly) {
            for second in one(&self.seconds, time.second(), self.frequency > Frequency::Secondly) {
                let mark = mark - into_hour + i64::from(minute) * MINUTE + i64::from(second);
                room.slots.push(Slot { mark, local: clock.local(mark) });
            }
        }
        self.choose(&mut room.slots);
        None
    }

    /// BYSETPOS: of the set of one period, these.
    fn choose(&self, slots: &mut Vec<Slot>) {
        if self.positions.is_empty() {
            return;
        }
        let len = i64::try_from(slots.len()).unwrap_or(i64::MAX);
        let chosen = |at: i64| {
            let at = at + 1;
            self.positions.iter().any(|position| i64::from(*position) == at || i64::from(*position) == at - len - 1)
        };
        let mut at = -1;
        slots.retain(|_| {
            at += 1;
            chosen(at)
        });
    }

    /// How many slots every period has, where that is a constant.
    pub(super) fn slots_a_period(&self) -> Option<i64> {
        let len = |list: &[u32]| i64::try_from(list.len().max(1)).unwrap_or(i64::MAX);
        let days = self.days.only_weekdays().filter(|_| self.positions.is_empty())?;
        let times = len(&self.hours) * len(&self.minutes) * len(&self.seconds);
        match self.frequency {
            Frequency::Weekly => Some(days * times),
            Frequency::Daily if days == WEEK_DAYS => Some(times),
            Frequency::Hourly if days == WEEK_DAYS && self.hours.is_empty() => Some(times),
            Frequency::Minutely if days == WEEK_DAYS && self.hours.is_empty() && self.minutes.is_empty() => Some(times),
            Frequency::Secondly if days == WEEK_DAYS && times == 1 => Some(times),
            Frequency::Secondly
            | Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Monthly
            | Frequency::Yearly => None,
        }
    }
}

/// Room for the slots of one period, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    days: Vec<NaiveDate>,
    pub(super) slots: Vec<Slot>,
}

/// UNTIL in whatever form: a date means the end of that day, by the clock of the series; a local time is by that clock too.
fn until_mark(until: &DateTime, clock: &Clock) -> Mark {
    match (until, clock.form) {
        (DateTime::Utc(until), Form::Fixed) => civil(*until),
        (DateTime::Date(until), _) => clock.mark(local(civil((*until).into()) + DAY - 1)),
        (DateTime::Utc(_) | DateTime::Floating(_) | DateTime::Zoned(..), _) => clock.mark(until.local()),
    }
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * YEAR_MONTHS + i64::from(date.month0())
}
