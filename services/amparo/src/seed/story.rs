//! The story of one case: what was entered, by whom, when, over at most two years.

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::seed::acts::{self, day_of};
use crate::seed::child::{Body, Child, Separation};
use crate::seed::dice::Dice;

/// What stories are made of besides chance.
#[derive(Debug, Clone)]
pub struct World {
    pub seed: u64,
    /// Nothing happens after it.
    pub until: Timestamp,
    /// User names of those who own cases.
    pub workers: Vec<String>,
    /// Codes of the places where children live.
    pub places: Vec<String>,
}

/// One case from its first day on.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    pub id: Uuid,
    pub steps: Vec<Step>,
}

/// One save.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub at: Timestamp,
    pub by: String,
    /// The `record_action` beside the body.
    pub action: Option<&'static str>,
    pub body: Body,
}

/// How long ago the oldest cases were registered, in days.
const YEARS: i64 = 730;
/// Steps of a story: the fewest and the most.
const STEPS: (i64, i64) = (5, 40);

/// Where a story stands.
struct Teller<'a> {
    world: &'a World,
    dice: Dice,
    child: Child,
    place: Option<&'a str>,
    owner: String,
    at: Timestamp,
    steps: Vec<Step>,
    services: Vec<String>,
    follow_ups: Vec<String>,
    tracing: bool,
}

/// Tells the n-th story of a world.
pub fn tell(world: &World, number: u64) -> Story {
    let mut dice = Dice::new(world.seed, number);
    let id = dice.uuid();
    let wanted = length(&mut dice);
    let ago = dice.between(i64::try_from(wanted).unwrap_or(5), YEARS);
    let minutes = dice.between(0, 9 * 60);
    let morning = world.until - (ago * 24).hours();
    let at = day_of(morning).in_tz("UTC").map_or(morning, |day| day.timestamp())
        + (7 * 60 + minutes).minutes();
    let child = Child::invent(&mut dice, day_of(at));
    let place =
        (!world.places.is_empty()).then(|| world.places[dice.below(world.places.len())].as_str());
    let owner = world.workers[dice.below(world.workers.len())].clone();
    let mut teller = Teller {
        world,
        dice,
        child,
        place,
        owner,
        at,
        steps: Vec::with_capacity(wanted),
        services: Vec::new(),
        follow_ups: Vec::new(),
        tracing: false,
    };
    teller.tell(wanted);
    Story { id, steps: teller.steps }
}

/// How many steps a story has: most are short, a few are long.
fn length(dice: &mut Dice) -> usize {
    let (low, high) =
        dice.weighted(&[(55, (STEPS.0, 9)), (30, (10, 16)), (12, (17, 27)), (3, (28, STEPS.1))]);
    usize::try_from(dice.between(low, high)).unwrap_or(5)
}

impl Teller<'_> {
    fn tell(&mut self, wanted: usize) {
        let mut registration = self.child.registration(&mut self.dice, day_of(self.at), self.place);
        registration.insert("created_at".into(), json!(format!("{:.3}", self.at)));
        self.note_down(None, registration);
        let closes = self.dice.chance(45);
        let body_of_work = wanted - usize::from(closes);
        while self.steps.len() < body_of_work && self.wait(wanted) {
            let (action, body) = self.next_act();
            self.note_down(action, body);
        }
        if closes && self.wait(wanted) {
            self.close(wanted);
        }
        if self.dice.chance(1) && self.wait(wanted) {
            self.note_down(
                Some("enable_disable_record"),
                Body::from_iter([("record_state".into(), json!(false))]),
            );
        }
    }

    /// Lets days go by, so that the story fits into the time there is, up to the next working
    /// hour; false once it is over.
    fn wait(&mut self, wanted: usize) -> bool {
        let left = self.world.until.duration_since(self.at).as_hours();
        let steps = i64::try_from(wanted.saturating_sub(self.steps.len())).unwrap_or(1).max(1);
        let most = (left / steps).clamp(1, 45 * 24);
        let day = day_of(self.at + self.dice.between(1, most).hours());
        let opened = day.in_tz("UTC").map_or(self.at, |day| day.timestamp());
        let mut next = opened + self.dice.between(7 * 60, 17 * 60).minutes();
        if next <= self.at {
            next = self.at + self.dice.between(5, 50).minutes();
        }
        if next >= self.world.until {
            return false;
        }
        self.at = next;
        true
    }

    fn note_down(&mut self, action: Option<&'static str>, body: Body) {
        let to = body.get("owned_by").and_then(Value::as_str).map(str::to_owned);
        self.steps.push(Step { at: self.at, by: self.owner.clone(), action, body });
        if let Some(to) = to {
            self.owner = to;
        }
    }

    fn next_act(&mut self) -> (Option<&'static str>, Body) {
        let (dice, child, at) = (&mut self.dice, &self.child, self.at);
        match self.steps.len() {
            1 => (None, child.consent(dice, day_of(at))),
            2 => (None, acts::assessment(dice, child, at)),
            3 => (None, acts::family(dice, child, self.place)),
            4 => (None, acts::plan(dice, child, at)),
            5 if child.status != Separation::WithFamily => {
                self.tracing = true;
                (None, acts::separation(dice, child, at))
            }
            _ => self.later_act(),
        }
    }

    fn later_act(&mut self) -> (Option<&'static str>, Body) {
        let (dice, child, at) = (&mut self.dice, &self.child, self.at);
        match dice.below(100) {
            0..22 => {
                let (id, body) = acts::service(dice, child, at);
                self.services.push(id);
                (Some("services_section_from_case"), body)
            }
            22..40 if !self.services.is_empty() => {
                let id = self.services.swap_remove(dice.below(self.services.len()));
                (None, acts::service_done(&id, at))
            }
            40..54 => {
                let (id, body) = acts::follow_up(dice, at);
                self.follow_ups.push(id);
                (None, body)
            }
            54..68 if !self.follow_ups.is_empty() => {
                let id = self.follow_ups.swap_remove(dice.below(self.follow_ups.len()));
                (None, acts::follow_up_done(dice, child, &id, at))
            }
            68..76 if self.tracing => (None, acts::tracing(dice, child, at, self.place)),
            76..80 => (None, acts::care(dice, child, at, self.place)),
            80..83 if self.world.workers.len() > 1 => self.hand_over(),
            83..91 => self.correct(),
            _ => (Some("add_note"), acts::note(dice, child)),
        }
    }

    fn correct(&mut self) -> (Option<&'static str>, Body) {
        if self.dice.chance(30) && !self.world.places.is_empty() {
            self.place = Some(&self.world.places[self.dice.below(self.world.places.len())]);
        }
        (None, acts::correction(&mut self.dice, &self.child, self.place))
    }

    /// Another worker takes the case over; from then on they write.
    fn hand_over(&mut self) -> (Option<&'static str>, Body) {
        let workers = &self.world.workers;
        let to = workers[self.dice.below(workers.len())].clone();
        let body = Body::from_iter([("owned_by".into(), json!(to))]);
        (Some("assign"), body)
    }

    fn close(&mut self, wanted: usize) {
        if self.tracing && self.dice.chance(50) {
            let body = acts::reunification(&mut self.dice, &self.child, self.at, self.place);
            self.note_down(None, body);
            self.at = (self.at + 30.minutes()).min(self.world.until);
        }
        let closing = acts::closing(&mut self.dice, &self.child, self.at);
        self.note_down(Some("close"), closing);
        if self.dice.chance(8) && self.wait(wanted) {
            let open = json!({ "status": "open", "case_status_reopened": true });
            let body = if self.dice.chance(60) {
                open.as_object().cloned().unwrap_or_default()
            } else {
                acts::service(&mut self.dice, &self.child, self.at).1
            };
            self.note_down(Some("reopen"), body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        World {
            seed: 1,
            until: "2026-11-01T12:00:00Z".parse().unwrap(),
            workers: vec!["ann".into(), "bob".into(), "eve".into()],
            places: vec!["P1".into(), "P2".into()],
        }
    }

    #[test]
    fn a_number_always_tells_the_same_story() {
        assert_eq!(tell(&world(), 7), tell(&world(), 7));
        assert_ne!(tell(&world(), 7).id, tell(&world(), 8).id);
    }

    #[test]
    fn stories_run_forward_within_two_years_and_have_5_to_40_steps() {
        let world = world();
        let mut steps = 0;
        for number in 0..2000 {
            let story = tell(&world, number);
            let times: Vec<Timestamp> = story.steps.iter().map(|step| step.at).collect();
            assert!(times.is_sorted(), "{number}");
            assert!(times[times.len() - 1] <= world.until);
            assert!(world.until.duration_since(times[0]).as_hours() <= 24 * (YEARS + 1));
            assert!((4..=43).contains(&times.len()), "{number}: {}", times.len());
            steps += times.len();
        }
        assert!((10 * 2000..14 * 2000).contains(&steps), "{steps}");
    }

    #[test]
    fn what_is_done_was_planned_before() {
        for number in 0..500 {
            let mut planned = std::collections::HashSet::new();
            for step in tell(&world(), number).steps {
                for entry in step
                    .body
                    .get("services_section")
                    .and_then(|list| list.as_array())
                    .into_iter()
                    .flatten()
                {
                    let id = entry["unique_id"].as_str().unwrap().to_owned();
                    assert!(
                        entry.get("service_type").is_some() != planned.contains(&id),
                        "{number}"
                    );
                    planned.insert(id);
                }
            }
        }
    }

    #[test]
    fn caseloads_are_mixed() {
        let stories: Vec<Story> = (0..1000).map(|number| tell(&world(), number)).collect();
        let share = |test: &dyn Fn(&Story) -> bool| stories.iter().filter(|one| test(one)).count();
        let closed = share(&|one| one.steps.iter().any(|step| step.action == Some("close")));
        assert!((250..550).contains(&closed), "{closed}");
        let girls = share(&|one| one.steps[0].body["sex"] == "female");
        assert!((430..560).contains(&girls), "{girls}");
        let handed = share(&|one| one.steps.iter().any(|step| step.body.contains_key("owned_by")));
        assert!(handed > 50, "{handed}");
    }
}
