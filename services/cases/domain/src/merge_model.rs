//! A model of offline work: devices edit one case without a connection, crash, send late, twice
//! and after one another; the server decides with the same pure functions that it runs on.
//!
//! What must hold for every such history: no edit disappears without a trace, nothing that an
//! author had not seen is overwritten silently, a repeat changes nothing, all replicas that have
//! seen the same events are equal, and a conflict that is settled is settled everywhere.

mod device;
mod oracle;
mod place;
mod server;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseResult};
use serde_json::{Value, json};

use self::device::{Device, Kind, Sent};
use self::place::Place;
use self::server::Server;

/// Histories of each of the properties; together 100,000.
const HISTORIES: u32 = 20_000;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Edit(usize, Place, Value),
    /// A device sends what it made first; the answer may be lost on the way back.
    Send(usize, bool),
    /// Something that was sent before arrives once more.
    Repeat(usize),
    /// A device hears of some of the events that it does not know yet.
    Pull(usize, usize),
    /// A device loses what it does not keep on its disk.
    Crash(usize),
    /// Somebody settles a conflict that their device shows; they take the proposal or the other.
    Settle(usize, usize, bool),
}

struct World {
    server: Server,
    devices: Vec<Device>,
    /// All that was ever sent.
    wire: Vec<Sent>,
}

impl World {
    fn new(kinds: &[Kind]) -> Self {
        let server = Server::new();
        let devices = (0..).zip(kinds);
        let devices = devices.map(|(at, kind)| Device::new(at, *kind, &server)).collect();
        Self { server, devices, wire: Vec::new() }
    }

    fn run(&mut self, step: Step) -> TestCaseResult {
        let count = self.devices.len();
        match step {
            Step::Edit(at, place, value) => self.devices[at % count].edit(place, value),
            Step::Send(at, lost) => self.send(at % count, lost)?,
            Step::Repeat(at) if !self.wire.is_empty() => {
                let again = self.wire[at % self.wire.len()].clone();
                let version = self.server.case.version;
                self.server.receive(&again)?;
                prop_assert_eq!(version, self.server.case.version, "a repeat changed the case");
            }
            Step::Repeat(_) => {}
            Step::Pull(at, events) => self.devices[at % count].pull(&self.server, events),
            Step::Crash(at) => self.devices[at % count].crash(&self.server),
            Step::Settle(at, which, proposal) => {
                if let Some(sent) = self.devices[at % count].settle(which, proposal) {
                    self.server.receive(&sent)?;
                    self.wire.push(sent);
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, at: usize, lost: bool) -> TestCaseResult {
        if let Some(sent) = self.devices[at].first() {
            self.server.receive(&sent)?;
            if !lost {
                self.devices[at].acknowledged();
            }
            // The server has it once already: what comes again must not count.
            if !self.wire.iter().any(|one| one.command == sent.command) {
                self.wire.push(sent);
            }
        }
        Ok(())
    }

    /// Everybody comes back online.
    fn settle_down(&mut self) -> TestCaseResult {
        for at in 0..self.devices.len() {
            while self.devices[at].first().is_some() {
                self.send(at, false)?;
            }
        }
        for device in &mut self.devices {
            device.pull(&self.server, usize::MAX);
            prop_assert_eq!(device.replica(), &self.server.case, "a replica differs");
        }
        for settled in &self.server.settled {
            prop_assert!(!self.server.case.conflicts.contains_key(settled));
        }
        prop_assert_eq!(&self.server.open, &self.server.conflicts(), "a conflict got lost");
        Ok(())
    }
}

fn step() -> impl Strategy<Value = Step> {
    steps_at(place::edits().boxed())
}

/// Everybody at the same place, so that conflicts meet conflicts.
fn quarrel() -> impl Strategy<Value = Step> {
    let ages = prop::sample::select(vec![1, 2, 3, 4]);
    steps_at(ages.prop_map(|age| (Place::Field("age"), json!(age))).boxed())
}

fn steps_at(edits: BoxedStrategy<(Place, Value)>) -> impl Strategy<Value = Step> {
    let at = 0..4_usize;
    prop_oneof![
        8 => (at.clone(), edits).prop_map(|(at, (place, value))| Step::Edit(at, place, value)),
        5 => (at.clone(), prop::bool::weighted(0.25)).prop_map(|(at, lost)| Step::Send(at, lost)),
        1 => any::<usize>().prop_map(Step::Repeat),
        4 => (at.clone(), 1..6_usize).prop_map(|(at, events)| Step::Pull(at, events)),
        1 => at.clone().prop_map(Step::Crash),
        2 => (at, any::<usize>(), any::<bool>()).prop_map(|(at, n, mine)| Step::Settle(at, n, mine)),
    ]
}

fn holds(kinds: &[Kind], steps: Vec<Step>) -> TestCaseResult {
    let mut world = World::new(kinds);
    for step in steps {
        world.run(step)?;
    }
    world.settle_down()
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: HISTORIES,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::XorShift,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn two_devices_that_queue_their_work(steps in vec(step(), 1..14)) {
        holds(&[Kind::Queues, Kind::Queues], steps)?;
    }

    #[test]
    fn four_devices_that_queue_their_work(steps in vec(step(), 1..24)) {
        holds(&[Kind::Queues; 4], steps)?;
    }

    #[test]
    fn devices_that_tell_only_the_version(steps in vec(step(), 1..18)) {
        holds(&[Kind::Plain; 3], steps)?;
    }

    #[test]
    fn three_devices_at_one_place(steps in vec(quarrel(), 10..36)) {
        holds(&[Kind::Queues; 3], steps)?;
    }

    #[test]
    fn devices_of_both_kinds(steps in vec(step(), 1..18)) {
        holds(&[Kind::Queues, Kind::Plain, Kind::Queues], steps)?;
    }
}

#[test]
fn an_author_who_goes_back_on_an_unsent_edit_is_heard() {
    let mut world = World::new(&[Kind::Queues]);
    let edit = |age: i64| Step::Edit(0, Place::Field("age"), json!(age));
    for step in [edit(10), Step::Send(0, true), edit(9), Step::Send(0, false)] {
        world.run(step).unwrap();
    }
    world.settle_down().unwrap();
    assert_eq!(
        (&world.server.case.values["age"], world.server.case.conflicts.len()),
        (&json!(9), 0)
    );
}

#[test]
fn settling_does_not_overwrite_what_its_author_had_not_seen() {
    let mut world = World::new(&[Kind::Queues; 3]);
    let edit = |at: usize, age: i64| Step::Edit(at, Place::Field("age"), json!(age));
    let before = [edit(0, 2), edit(1, 3), Step::Send(0, false), Step::Send(1, false)];
    let unseen = [Step::Pull(2, 9), Step::Pull(0, 9), edit(0, 1), Step::Send(0, false)];
    for step in before.into_iter().chain(unseen).chain([Step::Settle(2, 0, true)]) {
        world.run(step).unwrap();
    }
    world.settle_down().unwrap();
    let proposed: Vec<_> = world.server.case.conflicts.values().map(|one| &one.proposed).collect();
    assert_eq!((&world.server.case.values["age"], proposed), (&json!(1), vec![&json!(3)]));
}
