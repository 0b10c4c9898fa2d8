//! Whether an alert is for a device. Pure: time is an argument.

use jiff::tz::TimeZone;
use rtm2_app::event::is_in_zone;
use rtm2_app::push::{DAY_MINUTES, Filters, MAX_DEVICE_NAME, Quiet};
use rtm2_app::{CameraId, Timestamp};

use crate::alert::{Alert, Kind};
use crate::policy::over;

/// Longest cooldown in seconds: a day.
pub const MAX_COOLDOWN_S: u32 = 86_400;
/// Longest snooze in seconds: a week.
pub const MAX_SNOOZE_S: u32 = 7 * 86_400;
/// Most cameras that a filter names.
const MAX_CAMERAS: usize = 64;
/// Most zones that a filter names.
const MAX_ZONES: usize = 256;
/// Longest name of a zone, in bytes.
const MAX_ZONE_NAME: usize = 160;
/// Least time between motion that was told to a device and word of another zone that it came into, in seconds.
const FURTHER_S: u32 = 60;

/// What is known of a device when an alert is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device<'a> {
    pub(crate) filters: &'a Filters,
    pub(crate) snoozed_until: Option<Timestamp>,
    /// The last alert of motion of the same camera that was sent to it.
    pub(crate) last_motion: Option<Timestamp>,
}

impl Device<'_> {
    /// Whether `alert` is sent. A test always is.
    pub(crate) fn wants(&self, alert: &Alert, now: Timestamp) -> bool {
        if alert.kind == Kind::Test {
            return true;
        }
        let filters = self.filters;
        let chosen = match alert.kind {
            Kind::Unanswered => filters.last,
            Kind::Motion => self.is_of_camera(alert) && is_in_chosen_zone(&filters.zones, alert),
            _ => !alert.kind.is_of_a_camera() || self.is_of_camera(alert),
        };
        let awake = self.snoozed_until.is_none_or(|until| until <= now);
        let loud = !filters.quiet.as_ref().is_some_and(|quiet| is_quiet(quiet, now));
        let pause_s = if alert.further { filters.cooldown_s.max(FURTHER_S) } else { filters.cooldown_s };
        let rested = alert.kind != Kind::Motion || over(self.last_motion, now, i64::from(pause_s) * 1_000_000);
        chosen && awake && loud && rested
    }

    fn is_of_camera(&self, alert: &Alert) -> bool {
        self.filters.cameras.is_empty() || self.filters.cameras.contains(&alert.camera)
    }
}

/// Whether motion is in a zone that was chosen of its camera. Where none was, all is chosen, and told when it begins only.
fn is_in_chosen_zone(zones: &[(CameraId, String)], alert: &Alert) -> bool {
    let mut chosen = zones.iter().filter(|(camera, _)| *camera == alert.camera).peekable();
    if chosen.peek().is_none() {
        return !alert.further;
    }
    chosen.any(|(_, zone)| is_in_zone(&alert.zone, zone))
}

/// Whether `now` is quiet. A zone that is not known counts as UTC: it was checked when it was set.
fn is_quiet(quiet: &Quiet, now: Timestamp) -> bool {
    let zone = TimeZone::get(&quiet.zone).unwrap_or(TimeZone::UTC);
    let local = jiff::Timestamp::from_microsecond(now.0).unwrap_or_default().to_zoned(zone);
    quiet.covers(local.hour() as u16 * 60 + local.minute() as u16)
}

/// Refuses filters that cannot work, in words for the user.
pub(crate) fn check(filters: &Filters) -> Result<(), String> {
    if filters.cameras.len() > MAX_CAMERAS {
        return Err(format!("name at most {MAX_CAMERAS} cameras"));
    }
    if filters.zones.len() > MAX_ZONES || filters.zones.iter().any(|(_, name)| name.len() > MAX_ZONE_NAME) {
        return Err(format!("name at most {MAX_ZONES} zones, each as the configuration does"));
    }
    if filters.cooldown_s > MAX_COOLDOWN_S {
        return Err(format!("a pause between alerts has at most {MAX_COOLDOWN_S} seconds"));
    }
    let Some(quiet) = &filters.quiet else { return Ok(()) };
    if quiet.from >= DAY_MINUTES || quiet.to > DAY_MINUTES {
        return Err("quiet hours are minutes of a day, 0 to 1440".into());
    }
    if TimeZone::get(&quiet.zone).is_err() {
        return Err("this time zone is not known; name it like Europe/Berlin".into());
    }
    Ok(())
}

/// A device's name as it is kept: trimmed, without control characters, cut.
pub(crate) fn device_name(name: &str) -> String {
    let clean: String = name.trim().chars().filter(|c| !c.is_control()).take(MAX_DEVICE_NAME).collect();
    if clean.is_empty() { "Device".into() } else { clean }
}

/// Which alerts a target of the configuration gets; what names nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Kinds of alerts.
    pub kinds: Vec<Kind>,
    /// Cameras. What is of no camera is of all.
    pub cameras: Vec<CameraId>,
    /// Of a camera that is named here, motion in these of its zones only.
    pub zones: Vec<(CameraId, String)>,
}

impl Selection {
    pub(crate) fn wants(&self, alert: &Alert) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&alert.kind);
        let camera = self.cameras.is_empty() || !alert.kind.is_of_a_camera() || self.cameras.contains(&alert.camera);
        kind && camera && (alert.kind != Kind::Motion || is_in_chosen_zone(&self.zones, alert))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-07-01 00:30 UTC: 02:30 in Berlin.
    const SUMMER: Timestamp = Timestamp(1_782_865_800_000_000);
    /// 2026-01-01 00:30 UTC: 01:30 in Berlin.
    const WINTER: Timestamp = Timestamp(1_767_227_400_000_000);

    fn motion() -> Alert {
        Alert::motion(CameraId(1), "Door", SUMMER, 5)
    }

    fn wants(filters: &Filters, alert: &Alert, now: Timestamp) -> bool {
        Device { filters, snoozed_until: None, last_motion: None }.wants(alert, now)
    }

    #[test]
    fn nothing_filtered_wants_everything() {
        let all = Filters::default();
        assert!(wants(&all, &motion(), SUMMER));
        assert!(wants(&all, &Alert::camera_lost(CameraId(9), "Yard", SUMMER, ""), SUMMER));
    }

    #[test]
    fn cameras_are_chosen() {
        let filters = Filters { cameras: vec![CameraId(0)], ..Filters::default() };
        assert!(!wants(&filters, &motion(), SUMMER));
        assert!(wants(&filters, &Alert::motion(CameraId(0), "Yard", SUMMER, 5), SUMMER));
        assert!(wants(&filters, &Alert::test(SUMMER), SUMMER));
    }

    #[test]
    fn zones_are_chosen_camera_by_camera() {
        let zones = vec![(CameraId(1), "porch".into()), (CameraId(1), "gate".into())];
        let filters = Filters { zones, ..Filters::default() };
        let within = |camera, zone: &str| Alert::motion(CameraId(camera), "Door", SUMMER, 5).in_zones(zone);
        assert!(wants(&filters, &within(1, "street, gate"), SUMMER));
        assert!(!wants(&filters, &within(1, "street"), SUMMER) && !wants(&filters, &within(1, ""), SUMMER));
        assert!(wants(&filters, &within(2, "street"), SUMMER), "nothing was chosen of that camera");
        assert!(wants(&filters, &Alert::camera_lost(CameraId(1), "Door", SUMMER, ""), SUMMER));
        // What was told when it began is told again only to who waits for that zone.
        let further = within(1, "porch").told_before();
        assert!(wants(&filters, &further, SUMMER) && !wants(&Filters::default(), &further, SUMMER));
        let hook = Selection { zones: filters.zones.clone(), ..Selection::default() };
        assert!(hook.wants(&further) && !Selection::default().wants(&further));
        let told = Device { filters: &filters, snoozed_until: None, last_motion: Some(SUMMER) };
        let later = |s: i64| Timestamp(SUMMER.0 + s * 1_000_000);
        assert_eq!([59, 60].map(|s| told.wants(&further, later(s))), [false, true]);
        assert!(check(&Filters { zones: vec![(CameraId(0), "x".repeat(161))], ..Filters::default() }).is_err());
    }

    #[test]
    fn hooks_choose_zones_as_devices_do() {
        let hook = Selection { zones: vec![(CameraId(1), "porch".into())], ..Selection::default() };
        let within = |camera, zone: &str| Alert::motion(CameraId(camera), "Door", SUMMER, 5).in_zones(zone);
        assert!(hook.wants(&within(1, "porch")) && hook.wants(&within(1, "street, porch")));
        assert!(!hook.wants(&within(1, "street")) && !hook.wants(&within(1, "")));
        assert!(hook.wants(&within(2, "")), "nothing was chosen of that camera");
        assert!(hook.wants(&Alert::camera_lost(CameraId(1), "Door", SUMMER, "")), "a loss is in no zone");
        let elsewhere = Selection { cameras: vec![CameraId(2)], ..hook };
        assert!(!elsewhere.wants(&within(1, "porch")), "cameras count too");
    }

    #[test]
    fn the_last_call_is_for_who_asked_for_it_and_waits_for_no_pause() {
        let call = Alert::unanswered(CameraId(1), "Door", SUMMER);
        let filters = Filters { cameras: vec![CameraId(0)], cooldown_s: 3_600, last: true, ..Filters::default() };
        let device = Device { filters: &filters, snoozed_until: None, last_motion: Some(SUMMER) };
        assert!(device.wants(&call, SUMMER) && !wants(&Filters::default(), &call, SUMMER));
        let snoozed = Device { snoozed_until: Some(Timestamp(i64::MAX)), ..device };
        assert!(!snoozed.wants(&call, SUMMER), "who wants to sleep is let sleep");
    }

    #[test]
    fn a_full_disk_is_about_every_camera() {
        let full = Alert::storage(SUMMER, Some("full"));
        assert!(wants(&Filters { cameras: vec![CameraId(7)], ..Filters::default() }, &full, SUMMER));
        let of = |kind| Selection { kinds: vec![kind], cameras: vec![CameraId(7)], ..Selection::default() };
        assert!(of(Kind::StorageLost).wants(&full) && !of(Kind::Motion).wants(&full));
    }

    #[test]
    fn quiet_hours_follow_the_zone_and_its_summer_time() {
        let quiet = |zone: &str| Filters {
            quiet: Some(Quiet { from: 2 * 60, to: 3 * 60, zone: zone.into() }),
            ..Filters::default()
        };
        assert!(!wants(&quiet("Europe/Berlin"), &motion(), SUMMER), "half past two");
        assert!(wants(&quiet("Europe/Berlin"), &motion(), WINTER), "half past one");
        assert!(wants(&quiet("UTC"), &motion(), SUMMER));
        assert!(wants(&quiet("Europe/Berlin"), &Alert::test(SUMMER), SUMMER), "a test rings at any time");
    }

    #[test]
    fn a_snooze_ends_and_a_cooldown_is_for_motion_only() {
        let filters = Filters { cooldown_s: 60, ..Filters::default() };
        let later = |s: i64| Timestamp(SUMMER.0 + s * 1_000_000);
        let device = Device { filters: &filters, snoozed_until: Some(later(10)), last_motion: Some(SUMMER) };
        let lost = Alert::camera_lost(CameraId(1), "Door", SUMMER, "");
        let wanted = |alert: &Alert| [9, 10, 60].map(|s| device.wants(alert, later(s)));
        assert_eq!(wanted(&motion()), [false, false, true]);
        assert_eq!(wanted(&lost), [false, true, true]);
    }

    #[test]
    fn filters_that_cannot_work_are_refused() {
        let quiet =
            |from, to, zone: &str| Filters { quiet: Some(Quiet { from, to, zone: zone.into() }), ..Filters::default() };
        assert!(check(&quiet(0, 1440, "Europe/Berlin")).is_ok());
        assert!(check(&quiet(1440, 0, "UTC")).is_err());
        assert!(check(&quiet(0, 1441, "UTC")).is_err());
        assert!(check(&quiet(0, 1, "Mars/Base")).unwrap_err().contains("Europe/Berlin"));
        assert!(check(&Filters { cooldown_s: MAX_COOLDOWN_S + 1, ..Filters::default() }).is_err());
    }

    #[test]
    fn names_are_cleaned() {
        assert_eq!(device_name("  Anna's\u{7} phone "), "Anna's phone");
        assert_eq!(device_name("\n"), "Device");
        assert_eq!(device_name(&"ä".repeat(200)).chars().count(), MAX_DEVICE_NAME);
    }
}
