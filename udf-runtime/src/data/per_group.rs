//! [`PerGroup`]: one value for each group.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::data::{Batch, Point};
use crate::process::clock;

/// One value for each group of points, made by `Default` when the group is first seen.
///
/// A UDF never learns from Kapacitor that a group is gone, so that values would gather for ever. With
/// [`expire_after`](Self::expire_after) (for a state of `#[udf]`: `#[state(expire = "1h")]`) the
/// values of groups that were not seen for so long, by the points' own time, are dropped.
///
/// The latest time of any point says what time it is, so that data of last year expires as it did
/// then. A point that comes late does not turn the clock back: its group is seen when it comes. A
/// time in the future counts as the present, so that a wrong one does no harm to live data; in data
/// of last year it drops the values of all other groups, and nothing more expires until the points'
/// times have come to the present, too.
///
/// ```
/// use udf_runtime::{PerGroup, Point};
///
/// let mut counts = PerGroup::<u64>::default();
/// let point = Point::new("cpu");
/// *counts.of(&point) += 1;
/// *counts.of(&point) += 1;
/// assert_eq!(counts.get(point.group()), Some(&2));
/// ```
#[derive(Clone)]
pub struct PerGroup<T> {
    /// Where in `slots` a group's value is.
    places: HashMap<Box<str>, usize>,
    slots: Vec<Slot<T>>,
    /// The slot that was used last: points of a group often come one after another.
    last: usize,
    expiry: Option<Expiry>,
}

#[derive(Clone)]
struct Slot<T> {
    group: Box<str>,
    /// When its latest point came, by the clock of [`Expiry`]; `None` when just restored or inserted.
    seen: Option<i64>,
    value: T,
}

#[derive(Clone, Copy)]
struct Expiry {
    /// In nanoseconds.
    after: i64,
    /// The latest time of any point, in nanoseconds since the epoch.
    now: i64,
    /// When to look again for groups to drop.
    next: i64,
}

impl Expiry {
    /// Moves the clock on to the time of a point; returns whether to look for groups to drop.
    fn advance(&mut self, time: i64, present: impl FnOnce() -> i64) -> bool {
        if time < self.next {
            self.now = self.now.max(time);
            return false;
        }
        // One wrong time must not end all groups, and then the expiry itself.
        self.now = self.now.max(time.min(present()));
        self.now >= self.next
    }
}

/// What belongs to a group: a [`Point`], or a [`Batch`].
pub trait Grouped: sealed::Sealed {}

mod sealed {
    /// What is asked of a group's item.
    pub trait Sealed {
        /// The group, as Kapacitor spells it: valid UTF-8.
        #[doc(hidden)]
        fn group_bytes(&self) -> &[u8];

        /// Nanoseconds since the epoch, UTC.
        #[doc(hidden)]
        fn time(&self) -> i64;
    }
}

impl Grouped for Point {}
impl Grouped for Batch {}

impl sealed::Sealed for Point {
    #[inline]
    fn group_bytes(&self) -> &[u8] {
        Self::group_bytes(self)
    }

    #[inline]
    fn time(&self) -> i64 {
        self.time()
    }
}

impl sealed::Sealed for Batch {
    fn group_bytes(&self) -> &[u8] {
        self.group().as_bytes()
    }

    fn time(&self) -> i64 {
        self.tmax()
    }
}

impl<T: Default> PerGroup<T> {
    /// The value of the group that a point or batch belongs to.
    #[inline]
    pub fn of(&mut self, item: &impl Grouped) -> &mut T {
        self.of_at(item, T::default, clock::now)
    }
}

impl<T> PerGroup<T> {
    /// The value of the group that a point or batch belongs to, made by `make` where the group was not
    /// seen yet: for values that need more than a default, such as an option.
    ///
    /// ```
    /// use std::collections::VecDeque;
    /// use udf_runtime::{PerGroup, Point};
    ///
    /// let size = 10;
    /// let mut windows = PerGroup::<VecDeque<f64>>::default();
    /// let window = windows.of_or_insert_with(&Point::new("cpu"), || VecDeque::with_capacity(size));
    /// assert!(window.capacity() >= size);
    /// ```
    #[inline]
    pub fn of_or_insert_with(&mut self, item: &impl Grouped, make: impl FnOnce() -> T) -> &mut T {
        self.of_at(item, make, clock::now)
    }

    /// The same with a clock for the present, which is asked now and then.
    #[inline]
    fn of_at(
        &mut self,
        item: &impl Grouped,
        make: impl FnOnce() -> T,
        present: impl FnOnce() -> i64,
    ) -> &mut T {
        let group = item.group_bytes();
        let place = match self.slots.get(self.last) {
            Some(slot) if slot.group.as_bytes() == group => self.last,
            _ => self.place(group, make),
        };
        self.last = place;
        if self.expiry.is_some() {
            return self.of_expiring(place, item.time(), present);
        }
        &mut self.slots[place].value
    }

    /// Where a group's value is, made where it is not there yet.
    fn place(&mut self, group: &[u8], make: impl FnOnce() -> T) -> usize {
        // Only points and batches are here, whose texts were checked when they were read.
        let group = std::str::from_utf8(group).unwrap_or_default();
        match self.places.get(group) {
            Some(place) => *place,
            None => self.push(group, None, make()),
        }
    }

    fn of_expiring(&mut self, place: usize, time: i64, present: impl FnOnce() -> i64) -> &mut T {
        if let Some(expiry) = &mut self.expiry {
            let due = expiry.advance(time, present);
            self.slots[place].seen = Some(expiry.now);
            if due {
                self.expire();
            }
        }
        // The group was seen just now, so it is still there: in the slot that `last` says.
        &mut self.slots[self.last].value
    }

    /// Drops the values of groups that were not seen for so long, by the points' own time (see
    /// [above](Self)). They go within a quarter of that time more.
    ///
    /// A second call with the same time changes nothing.
    ///
    /// The time is no part of a snapshot. What `on_init` sets stays at a restore, also in `Option`, `Box`,
    /// `Vec`, `VecDeque`, an array, a map or a `#[state]` struct: each restored value takes it from the value
    /// in its place. For a value that has no counterpart after `on_init`, such as one that is made for a
    /// group, call this wherever the value is used.
    pub fn expire_after(&mut self, unseen: Duration) {
        let after = i64::try_from(unseen.as_nanos()).unwrap_or(i64::MAX);
        if self.expiry.is_some_and(|expiry| expiry.after == after) {
            return;
        }
        self.expiry = Some(Expiry {
            after,
            now: i64::MIN,
            next: i64::MIN,
        });
    }

    /// Takes over when groups expire, for values that came from a snapshot.
    pub(crate) fn expire_as(&mut self, other: &Self) {
        self.expiry = other.expiry.as_ref().map(|expiry| Expiry {
            after: expiry.after,
            now: i64::MIN,
            next: i64::MIN,
        });
    }

    /// The value of a group, if it was seen.
    #[must_use]
    pub fn get(&self, group: &str) -> Option<&T> {
        self.places
            .get(group)
            .map(|place| &self.slots[*place].value)
    }

    /// The value of a group, to be changed, if it was seen.
    ///
    /// Unlike [`of`](Self::of), it makes no value, and the group is not seen by it.
    pub fn get_mut(&mut self, group: &str) -> Option<&mut T> {
        let place = *self.places.get(group)?;
        Some(&mut self.slots[place].value)
    }

    /// Sets the value of a group, as Kapacitor spells it, and returns the one before.
    ///
    /// For the [expiry](Self::expire_after), a group that was not there yet is seen with the next point
    /// of any group.
    ///
    /// ```
    /// use udf_runtime::{PerGroup, Point};
    ///
    /// let mut limits = PerGroup::<f64>::default();
    /// limits.insert("host=a", 90.0);
    /// let mut point = Point::new("cpu");
    /// point.set_tag("host", "a");
    /// point.set_dimensions(["host"]);
    /// assert_eq!(*limits.of(&point), 90.0);
    /// assert_eq!(limits.insert("host=a", 95.0), Some(90.0));
    /// ```
    pub fn insert(&mut self, group: &str, value: T) -> Option<T> {
        match self.get_mut(group) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                self.push(group, None, value);
                None
            }
        }
    }

    /// Drops the values of all groups. What [`expire_after`](Self::expire_after) has set stays.
    pub fn clear(&mut self) {
        self.places.clear();
        self.slots.clear();
    }

    /// The groups and their values, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.slots.iter().map(|slot| (&*slot.group, &slot.value))
    }

    /// The groups and their values, to be changed, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.slots
            .iter_mut()
            .map(|slot| (&*slot.group, &mut slot.value))
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no group was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Drops the value of a group and returns it.
    pub fn remove(&mut self, group: &str) -> Option<T> {
        let place = self.places.get(group).copied()?;
        Some(self.take(place).value)
    }

    /// Keeps only the values of groups for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut T) -> bool) {
        let mut place = 0;
        while let Some(slot) = self.slots.get_mut(place) {
            if keep(&slot.group, &mut slot.value) {
                place += 1;
            } else {
                self.take(place);
            }
        }
    }

    fn push(&mut self, group: &str, seen: Option<i64>, value: T) -> usize {
        let place = self.slots.len();
        self.slots.push(Slot {
            group: group.into(),
            seen,
            value,
        });
        self.places.insert(group.into(), place);
        place
    }

    /// Takes a slot out; the last one moves into its place.
    fn take(&mut self, place: usize) -> Slot<T> {
        let slot = self.slots.swap_remove(place);
        self.places.remove(&slot.group);
        if let Some(moved) = self.slots.get(place)
            && let Some(moved_place) = self.places.get_mut(&moved.group)
        {
            *moved_place = place;
            if self.last == self.slots.len() {
                self.last = place;
            }
        }
        slot
    }

    fn expire(&mut self) {
        let Some(expiry) = &mut self.expiry else {
            return;
        };
        let (after, now) = (expiry.after, expiry.now);
        expiry.next = now.saturating_add(after / 4);
        let oldest = now.saturating_sub(after);
        let mut place = 0;
        while let Some(slot) = self.slots.get_mut(place) {
            // A group that was restored or inserted counts as seen now.
            if *slot.seen.get_or_insert(now) < oldest && place != self.last {
                self.take(place);
            } else {
                place += 1;
            }
        }
    }
}

impl<T> Default for PerGroup<T> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            slots: Vec::new(),
            last: 0,
            expiry: None,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for PerGroup<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for PerGroup<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(group, value)| other.get(group) == Some(value))
    }
}

/// As a map from group to value; what expires when is not part of a snapshot.
impl<T: Serialize> Serialize for PerGroup<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (group, value) in self.iter() {
            map.serialize_entry(group, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerGroup<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Groups<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Groups<T> {
            type Value = PerGroup<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from group to value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut groups = PerGroup::default();
                while let Some((group, value)) = map.next_entry::<String, T>()? {
                    groups.insert(&group, value);
                }
                Ok(groups)
            }
        }

        deserializer.deserialize_map(Groups(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(group: &str, seconds: i64) -> Point {
        let mut point = Point::new("m");
        point.set_group(group);
        point.set_time(seconds * 1_000_000_000);
        point
    }

    #[test]
    fn each_group_has_a_value_of_its_own() {
        let mut counts = PerGroup::<u32>::default();
        for group in ["a", "b", "a", "a", "", "b"] {
            *counts.of(&point(group, 0)) += 1;
        }
        let of = |group| counts.get(group).copied();
        assert_eq!(
            [of("a"), of("b"), of(""), of("c")],
            [Some(3), Some(2), Some(1), None]
        );
        assert_eq!(counts.len(), 3);
    }

    #[test]
    fn groups_that_were_not_seen_expire_by_the_time_of_the_points() {
        let mut counts = PerGroup::<u32>::default();
        counts.expire_after(Duration::from_secs(100));
        *counts.of(&point("old", 0)) += 1;
        for second in 0..100 {
            *counts.of(&point("steady", second)) += 1;
        }
        assert_eq!(counts.get("old"), Some(&1), "it is not yet 100 s old");
        for second in 100..130 {
            *counts.of(&point("steady", second)) += 1;
        }
        assert_eq!(counts.get("old"), None);
        assert_eq!(counts.get("steady"), Some(&130));
        *counts.of(&point("old", 130)) += 1;
        assert_eq!(counts.get("old"), Some(&1), "it starts again");
    }

    #[test]
    fn a_time_in_the_future_ends_no_other_group_and_not_the_expiry() {
        let mut counts = PerGroup::<u32>::default();
        counts.expire_after(Duration::from_secs(100));
        let mut most = 0;
        for second in 0..1000 {
            let present = || second * 1_000_000_000;
            // Groups of which each is there for a second, and a host whose clock is wrong.
            *counts.of_at(
                &point(&format!("at={second}"), second),
                u32::default,
                present,
            ) += 1;
            *counts.of_at(
                &point("ahead", i64::MAX / 1_000_000_000),
                u32::default,
                present,
            ) += 1;
            *counts.of_at(&point("steady", second), u32::default, present) += 1;
            most = most.max(counts.len());
        }
        assert_eq!(counts.get("steady"), Some(&1000));
        assert_eq!(counts.get("ahead"), Some(&1000));
        assert!(counts.get("at=900").is_some(), "it is not yet 100 s old");
        assert!(most <= 2 + 126, "{most} groups");
        // It takes its leave like any other.
        for second in 1000..1130 {
            counts.of_at(&point("steady", second), u32::default, || {
                second * 1_000_000_000
            });
        }
        assert_eq!(counts.get("ahead"), None);
    }

    #[test]
    fn a_group_of_which_the_points_come_late_is_seen_when_they_come() {
        let mut counts = PerGroup::<u32>::default();
        counts.expire_after(Duration::from_secs(100));
        for second in 1000..1500 {
            *counts.of(&point("steady", second)) += 1;
            *counts.of(&point("late", second - 1000)) += 1;
        }
        assert_eq!(counts.get("late"), Some(&500));
    }

    #[test]
    fn groups_that_remain_keep_their_values_when_others_go() {
        let mut values = PerGroup::<String>::default();
        for group in ["a", "b", "c", "d"] {
            *values.of(&point(group, 0)) = group.to_uppercase();
        }
        assert_eq!(values.remove("b").as_deref(), Some("B"));
        values.retain(|group, _| group != "a");
        for group in ["c", "d"] {
            assert_eq!(*values.of(&point(group, 0)), group.to_uppercase());
        }
        assert_eq!(values.len(), 2);
        assert_eq!(*values.of(&point("a", 0)), "");
    }

    #[test]
    fn a_value_may_be_made_from_more_than_a_default() {
        struct Limit(u32);
        let mut limits = PerGroup::<Limit>::default();
        let group = point("a", 0);
        assert_eq!(limits.of_or_insert_with(&group, || Limit(7)).0, 7);
        assert_eq!(limits.of_or_insert_with(&group, || Limit(8)).0, 7);
    }

    #[test]
    fn values_are_looked_up_set_and_cleared_by_group() {
        let mut counts = PerGroup::<u32>::default();
        assert_eq!(counts.insert("a", 1), None);
        assert_eq!(counts.insert("a", 2), Some(1));
        *counts.get_mut("a").unwrap() += 1;
        assert_eq!(*counts.of(&point("a", 0)), 3);
        assert_eq!(counts.get_mut("b"), None);
        counts.clear();
        assert!(counts.is_empty() && counts.get("a").is_none());
        assert_eq!(*counts.of(&point("b", 0)), 0);
    }

    #[test]
    fn the_same_expiry_set_again_does_not_turn_the_clock_back() {
        let mut counts = PerGroup::<u32>::default();
        for second in [0, 1000, 10] {
            counts.expire_after(Duration::from_secs(100));
            *counts.of(&point(&format!("at={second}"), second)) += 1;
        }
        counts.of(&point("at=1000", 1050));
        assert_eq!(counts.get("at=10"), Some(&1), "it was seen at 1000");
    }

    #[test]
    fn values_of_a_snapshot_expire_as_those_that_they_replace() {
        let mut kept = PerGroup::<u32>::default();
        *kept.of(&point("old", 0)) += 1;
        let bytes = rmp_serde::to_vec_named(&kept).unwrap();

        let mut replaced = PerGroup::<u32>::default();
        replaced.expire_after(Duration::from_secs(100));
        // Its clock is ahead of the points to come.
        replaced.of(&point("ahead", 5000));
        let mut counts: PerGroup<u32> = rmp_serde::from_slice(&bytes).unwrap();
        counts.expire_as(&replaced);
        for second in 1000..1100 {
            *counts.of(&point("steady", second)) += 1;
        }
        assert_eq!(
            counts.get("old"),
            Some(&1),
            "its 100 s begin with the restore"
        );
        for second in 1100..1130 {
            *counts.of(&point("steady", second)) += 1;
        }
        assert_eq!(counts.get("old"), None);
    }

    #[test]
    fn a_snapshot_holds_all_groups() {
        let mut counts = PerGroup::<u32>::default();
        for index in 0..100 {
            *counts.of(&point(&format!("host={index}"), 0)) = index;
        }
        let bytes = rmp_serde::to_vec_named(&counts).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<PerGroup<u32>>(&bytes).unwrap(),
            counts
        );
    }
}
